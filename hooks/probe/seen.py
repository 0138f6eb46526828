"""What a probe saw of the database and of the started auth server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the probe saw, or why it saw nothing.

    ``columns`` are PostgreSQL's type names by table and column, ``applied`` Alembic's
    revisions; ``pending`` is the SQL that better-auth would still run; ``required``
    are the columns that take no NULL and have no default.
    """

    columns: Mapping[tuple[str, str], str]
    applied: tuple[str, ...] = ()
    pending: str = ""
    required: tuple[tuple[str, str], ...] = ()
    reason: str = ""

    def is_at(self, heads: Collection[str]) -> bool:
        """Return True if no revision of Alembic's waits; without any, none does."""
        return not heads or set(self.applied) == set(heads)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the started server answered to one request."""

    method: str
    path: str
    status: int
    empty: bool = False


@dataclass(frozen=True, kw_only=True)
class Mailed:
    """Whether a request that sends a mail brought one to the stand-in.

    ``elsewhere`` is where the server tried to go in its place.
    """

    way: str
    arrived: bool
    elsewhere: str = ""


@dataclass(frozen=True, kw_only=True)
class Server:
    """What the started server said, or the ``reason`` why it was not started.

    ``broken`` is why it does not start; ``unwritten`` why no user was signed up;
    ``cookie`` is a ``Set-Cookie`` header, ``fingerprints`` those that it logs,
    the current secret's first.
    """

    reason: str = ""
    broken: str = ""
    unwritten: str = ""
    fingerprints: tuple[str, ...] = ()
    cookie: str = ""
    health: Asked | None = None
    ok: Asked | None = None
    routes: tuple[Asked, ...] = ()
    mails: tuple[Mailed, ...] = ()
