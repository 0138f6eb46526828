"""What is counted of the people who were there before: a SELECT of one number each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..answers.existing_users import ExistingUsersTable

_BCRYPT = r"^\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$"
_ARGON2 = r"^\$argon2id?\$v=19\$"
_DERIVED = (
    r"^(pbkdf2_sha(1|256)\$|pbkdf2:sha(1|256|512):|\$pbkdf2(-sha256|-sha512)?\$"
    r"|scrypt:|\$scrypt\$)"
)
# How what is verified begins, as PostgreSQL's regular expressions: a library that
# writes one kind often reads the one before it too.
_BEGINS = {
    "bcrypt": _BCRYPT,
    "argon2": f"{_ARGON2}|{_BCRYPT}",
    "django_pbkdf2": _DERIVED,
    "werkzeug": _DERIVED,
    "scrypt_passlib": _DERIVED,
    "": f"{_BCRYPT}|{_ARGON2}|{_DERIVED}",
}


def people_counts(table: ExistingUsersTable | None) -> tuple[tuple[str, str], ...]:
    """Return who has no account, and which passwords nothing verifies, by name.

    The names are those of the answers, which are names and nothing else.
    """
    if table is None or not table.email:
        return ()
    name = f'"{table.schema}"."{table.table}"' if table.schema else f'"{table.table}"'
    email = f'old."{table.email}"'
    active = f' and old."{table.active}"' if table.active else ""
    missing = (
        f"select count(*) from {name} old where {email} is not null{active} and not "  # noqa: S608 - names of the answers
        f"exists (select from auth_user where lower(email) = lower({email}::text))"
    )
    if not table.password:
        return (("missing", missing),)
    password = f'old."{table.password}"::text'
    unread = (
        f"select count(*) from {name} old where {password} <> '' "  # noqa: S608 - names of the answers
        f"and {password} !~ '{_BEGINS[table.scheme]}'"
    )
    return ("missing", missing), ("unread", unread)
