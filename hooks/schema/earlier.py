"""Carrying people over from the tables that better-auth makes by default.

Those are called ``user``, ``session`` and ``account``, with columns in camelCase and
ids of 32 characters. Here ids are UUIDs: one is made from each old id, the same for
every table, so that what belongs together stays together. Nothing is taken from the old
tables.
"""

from __future__ import annotations

import re

from .names import snake_case

# A UUID that follows from the old id alone.
_ID = "md5({column})::uuid"
# An account with a password is known by its user's id.
_ACCOUNT = (
    "CASE WHEN \"providerId\" = 'credential' "
    f"""THEN {_ID.format(column='"accountId"')}::text ELSE "accountId" END"""
)
_TABLES = (
    (
        "user",
        "auth_user",
        ("id",),
        ("name", "email", "emailVerified", "image", "createdAt", "updatedAt"),
    ),
    (
        "account",
        "auth_account",
        ("id", "userId"),
        (
            *("accountId", "providerId", "accessToken", "refreshToken", "idToken"),
            *("accessTokenExpiresAt", "refreshTokenExpiresAt", "scope", "password"),
            *("createdAt", "updatedAt"),
        ),
    ),
    (
        "session",
        "auth_session",
        ("id", "userId"),
        ("expiresAt", "token", "createdAt", "updatedAt", "ipAddress", "userAgent"),
    ),
)


def makes_earlier_tables(text: str) -> bool:
    """Return True if SQL, a migration or a model makes better-auth's default tables.

    Those of Auth.js, which NextAuth was, look alike, but call the token of a session
    otherwise.
    """
    if "emailVerified" not in text or re.search(r"sessionToken|session_token", text):
        return False
    return re.search(r"(?i)\"?session\"?", text) is not None


def carry_over() -> str:
    """Return the SQL that copies all people, accounts and sessions, once."""
    return "\n".join(["BEGIN;", *(_copy(*table) for table in _TABLES), "COMMIT;"])


def _copy(
    source: str, target: str, ids: tuple[str, ...], columns: tuple[str, ...]
) -> str:
    names = ", ".join(snake_case(name) for name in (*ids, *columns))
    values = [_ID.format(column=f'"{name}"') for name in ids]
    values += [_ACCOUNT if name == "accountId" else f'"{name}"' for name in columns]
    return (
        f"INSERT INTO {target} ({names})\n"
        f"SELECT {', '.join(values)}\n"
        f'  FROM "{source}" ON CONFLICT DO NOTHING;'
    )
