"""Sign a user in for the application's own tests, without an auth server."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.requests import HTTPConnection

from .dependencies import (
    SCOPE_KEY,
    get_optional_session,
    get_optional_user,
    get_session,
    get_user,
    get_verified_user,
)
from .models import UTC, Session, User

_DEPENDENCIES: tuple[Callable[[HTTPConnection], Awaitable[Any]], ...] = (
    get_optional_session,
    get_optional_user,
    get_session,
    get_user,
    get_verified_user,
)


@contextmanager
def acting_as(
    app: FastAPI,
    email: str = "user@example.com",
    *,
    email_verified: bool = True,
    **fields: Any,
) -> Iterator[User]:
    """Let every request within the block come from a user with this address.

    Further fields are those of User.

    with acting_as(app, "ada@example.com") as user:
        assert client.get("/auth/me").json()["email"] == user.email
    """
    user = User(
        id=uuid4(),
        email=email,
        email_verified=email_verified,
        **{"name": "Test", **fields},
    )
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    session = Session(id=uuid4(), expires_at=tomorrow, user=user)
    before = dict(app.dependency_overrides)
    for dependency in _DEPENDENCIES:
        app.dependency_overrides[dependency] = _with(session, dependency)
    try:
        yield user
    finally:
        app.dependency_overrides = before


def _with(
    session: Session, dependency: Callable[[HTTPConnection], Awaitable[Any]]
) -> Callable[[HTTPConnection], Awaitable[Any]]:
    """Solve a dependency as if the request had brought this session."""

    async def solve(connection: HTTPConnection) -> Any:
        connection.scope[SCOPE_KEY] = session
        return await dependency(connection)

    return solve
