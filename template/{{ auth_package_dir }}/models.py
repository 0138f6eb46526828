"""A signed-in person, and the session by which they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from uuid import UUID

# datetime.UTC, which Python 3.10 does not have.
UTC = timezone(timedelta(0))


@dataclass(frozen=True)
class User:
    """A row of auth_user."""

    id: UUID
    email: str
    email_verified: bool
    name: str
    image: str | None = None


@dataclass(frozen=True)
class Session:
    """A session that has not ended, with its user."""

    id: UUID
    expires_at: datetime
    user: User
