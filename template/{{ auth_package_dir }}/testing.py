"""Acting as somebody in the application's own tests, without an auth server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from uuid import uuid4

from fastapi import FastAPI

from .dependencies import get_optional_session
from .models import Session, User


@contextmanager
def acting_as(
    app: FastAPI, email: str = "user@example.com", *, email_verified: bool = True
) -> Iterator[User]:
    """Let every request within the block come from a user with this address.

    with acting_as(app, "ada@example.com") as user:
        assert client.get("/auth/me").json()["email"] == user.email
    """
    user = User(id=uuid4(), email=email, email_verified=email_verified, name="Test")
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    session = Session(id=uuid4(), expires_at=tomorrow, user=user)
    before = dict(app.dependency_overrides)
    app.dependency_overrides[get_optional_session] = lambda: session
    try:
        yield user
    finally:
        app.dependency_overrides = before
