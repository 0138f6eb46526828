"""Which column of a table of people means what, by its name and the kind of its values.

Where no name is known the part stays empty: an import rests on it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..model import UserTable
    from .table_columns import Column

_TEXT = frozenset({"text", ""})
_HASH = frozenset({"text", "bytes", ""})
_FLAG = frozenset({"boolean", ""})
_IDS = frozenset({"uuid", "text", "integer"})
# The first name that is there counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "email": (
        *("email", "email_address", "user_email", "mail", "e_mail"),
        *("emailaddress", "mail_address"),
    ),
    "password": (
        *("hashed_password", "password_hash", "hashedpassword", "passwordhash"),
        *("password_hashed", "encrypted_password", "hash_password", "hashed_pw"),
        *("pw_hash", "pwd_hash", "hashed_pass", "pass_hash", "hashed_pwd"),
        *("password_digest", "password", "passwd", "pwd", "user_password"),
    ),
    "verified": (
        *("is_verified", "email_verified", "is_email_verified", "verified"),
        *("email_confirmed", "is_email_confirmed", "is_confirmed", "confirmed"),
    ),
    "active": ("is_active", "active", "enabled", "is_enabled", "isactive"),
    "admin": ("is_superuser", "superuser", "is_admin", "admin", "is_staff"),
    "name": (
        *("full_name", "fullname", "name", "display_name", "real_name"),
        *("username", "user_name", "nickname", "login"),
    ),
}
_FLAGS = frozenset({"verified", "active", "admin"})
_RESTRICTS = re.compile(
    r"(?i)(?:is_?)?(?:disabled|banned|blocked|locked|suspended|deleted|archived)"
    r"(?:_?at|_?on|_?until)?|(?:account_|user_)?status|(?:locked|ban|disabled)_until"
)


def with_parts(table: UserTable, columns: list[Column]) -> UserTable:
    """Return the table with the column of each part, and with its primary key."""
    parts: dict[str, Any] = {
        part: column.name
        for part, names in _NAMES.items()
        if (column := _first(columns, names, _kinds(part)))
    }
    restricts = (c.name for c in columns if _RESTRICTS.fullmatch(c.name))
    table = replace(table, **parts, restricts=tuple(restricts))
    keys = [column for column in columns if column.is_primary]
    if len(keys) > 1:  # of several, one may be enough
        keys = [c for c in keys if c.name == "id" and c.is_unique]
    if len(keys) != 1:
        return table
    kind = keys[0].kind if keys[0].kind in _IDS else ""
    return replace(table, id=keys[0].name, id_type=kind)


def _kinds(part: str) -> frozenset[str]:
    if part == "password":
        return _HASH
    return _FLAG if part in _FLAGS else _TEXT


def _first(
    columns: list[Column], names: tuple[str, ...], kinds: frozenset[str]
) -> Column | None:
    for name in names:
        for column in columns:
            called = {column.name.lower(), column.attribute.lower()}
            fits = column.kind in kinds and not column.is_primary
            if name in called and fits:
                return column
    return None
