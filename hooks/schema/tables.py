"""The tables that better-auth expects for a set of answers.

Its own migration makes the same ones; ``tests/schema`` compares the two. Beyond that
they have the constraints that it forgets: one account a provider and person, defaults
on every timestamp, an index on every foreign key.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answers import Answers


class Type(Enum):
    """A column type; the value is PostgreSQL's spelling."""

    UUID = "uuid"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamptz"
    INTEGER = "integer"
    BIGINT = "bigint"  # milliseconds since 1970 do not fit an integer


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; ``default`` is SQL, ``references`` a table whose id it holds."""

    name: str
    type: Type = Type.TEXT
    nullable: bool = False
    default: str | None = None
    unique: bool = False
    references: str | None = None


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index with a name that does not depend on who creates it."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table whose first column, ``id``, is its primary key."""

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()


def _text(name: str, *, nullable: bool = False, unique: bool = False) -> Column:
    return Column(name=name, nullable=nullable, unique=unique)


def _moment(name: str, *, nullable: bool = False, default: bool = False) -> Column:
    now = "CURRENT_TIMESTAMP" if default else None
    return Column(name=name, type=Type.TIMESTAMP, nullable=nullable, default=now)


def _user_id() -> Column:
    return Column(name="user_id", type=Type.UUID, references="auth_user")


_ID = Column(name="id", type=Type.UUID, default="gen_random_uuid()")
_CREATED_AND_UPDATED = (
    _moment("created_at", default=True),
    _moment("updated_at", default=True),
)

_USER = Table(
    name="auth_user",
    columns=(
        _ID,
        _text("name"),
        _text("email", unique=True),
        Column(name="email_verified", type=Type.BOOLEAN, default="false"),
        _text("image", nullable=True),
        *_CREATED_AND_UPDATED,
    ),
)
_SESSION = Table(
    name="auth_session",
    columns=(
        _ID,
        _moment("expires_at"),
        _text("token", unique=True),
        *_CREATED_AND_UPDATED,
        _text("ip_address", nullable=True),
        _text("user_agent", nullable=True),
        _user_id(),
    ),
    indexes=(Index(name="auth_session_user_id_idx", columns=("user_id",)),),
)
_ACCOUNT = Table(
    name="auth_account",
    columns=(
        _ID,
        _text("account_id"),
        _text("provider_id"),
        _user_id(),
        _text("access_token", nullable=True),
        _text("refresh_token", nullable=True),
        _text("id_token", nullable=True),
        _moment("access_token_expires_at", nullable=True),
        _moment("refresh_token_expires_at", nullable=True),
        _text("scope", nullable=True),
        _text("password", nullable=True),
        *_CREATED_AND_UPDATED,
    ),
    indexes=(
        Index(name="auth_account_user_id_idx", columns=("user_id",)),
        Index(
            name="auth_account_provider_id_account_id_idx",
            columns=("provider_id", "account_id"),
            unique=True,
        ),
    ),
)
_VERIFICATION = Table(
    name="auth_verification",
    columns=(
        _ID,
        _text("identifier"),
        _text("value"),
        _moment("expires_at"),
        *_CREATED_AND_UPDATED,
    ),
    indexes=(Index(name="auth_verification_identifier_idx", columns=("identifier",)),),
)
_JWKS = Table(
    name="auth_jwks",
    columns=(
        _ID,
        _text("public_key"),
        _text("private_key"),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
        _text("alg", nullable=True),
        _text("crv", nullable=True),
    ),
)
_RATE_LIMIT = Table(
    name="auth_rate_limit",
    columns=(
        _ID,
        _text("key", unique=True),
        Column(name="count", type=Type.INTEGER),
        Column(name="last_request", type=Type.BIGINT),
    ),
)


def tables_for(answers: Answers) -> tuple[Table, ...]:
    """Return the tables for these answers, each after those that it refers to."""
    keys = (_JWKS,) if answers.auth_session_validation == "jwt" else ()
    return (_USER, _SESSION, _ACCOUNT, _VERIFICATION, *keys, _RATE_LIMIT)
