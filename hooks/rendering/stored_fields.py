"""The fields that better-auth's configuration adds to ``User`` and ``Session``.

Each function returns a passage of a rendered file, the same for a template and for
``sync``, which puts the new passage where the old one is.
"""

from __future__ import annotations

from ..answers.additions import ColumnType
from ..schema.names import quoted
from .stored_field import Field, fields_of, literal

# What a test's user has where nothing is said of a field; names are of testing.py.
_IN_TESTS = {
    "str": '"test"',
    "bool": "False",
    "datetime": "datetime.now(UTC)",
    "int": "0",
    "UUID": "uuid4()",
    "Any": "None",
    "list[str]": "[]",
    "list[int]": "[]",
}
_MOMENT = (
    "",
    "",
    "def _moment(claim: Any) -> Any:",
    '    """Return the moment that a claim names, as JSON writes it."""',
    '    return claim and datetime.fromisoformat(claim.replace("Z", "+00:00"))',
)


def model_imports(additions: object) -> str:
    """Return the imports of ``models.py``."""
    fields = _all_fields(additions)
    needs_field = any(one.is_keyword_only for one in fields)
    lines = [
        f"from dataclasses import dataclass{', field' if needs_field else ''}",
        "from datetime import datetime, timedelta, timezone",
    ]
    typing = ["Any"] if any(one.type == "Any" for one in fields) else []
    typing += ["Literal"] if any(one.column.values for one in fields) else []
    if typing:
        lines.append(f"from typing import {', '.join(typing)}")
    return "\n".join([*lines, "from uuid import UUID"])


def user_fields(additions: object) -> str:
    """Return the end of ``User``."""
    return _declared("    image: str | None = None", additions, "auth_user")


def session_fields(additions: object) -> str:
    """Return the end of ``Session``."""
    return _declared("    user: User", additions, "auth_session")


def session_imports(additions: object) -> str:
    """Return the first imports of ``sessions.py``."""
    reads_json = any(
        field.column.type is ColumnType.JSON for field in _all_fields(additions)
    )
    names = ["asyncio", *(["json"] if reads_json else []), "logging"]
    return "\n".join(f"import {name}" for name in names)


def looked_up(additions: object) -> str:
    """Return the columns that the look-up asks for."""
    lines = [
        "    SELECT s.token, s.id, s.expires_at,",
        "           u.id AS user_id, u.email, u.email_verified, u.name, u.image",
    ]
    for short, table in (("u", "auth_user"), ("s", "auth_session")):
        for field in fields_of(additions, table):
            lines[-1] += ","
            column = f"{short}.{quoted(field.column.name)}"
            if field.column.type is ColumnType.JSON:
                # Some connections read JSON by themselves, others do not.
                column = f"{column}::text"
            lines.append(f"           {column} AS {field.alias}")
    return "\n".join(lines)


def user_of_row(additions: object) -> str:
    """Return the end of the user that a row is."""
    lines = ['        image=row["image"],']
    lines += _read_from_row(additions, "auth_user")
    return "\n".join([*lines, "    )"])


def session_of_row(additions: object) -> str:
    """Return the session that a row is."""
    further = _read_from_row(additions, "auth_session")
    if not further:
        return (
            '    return Session(id=row["id"], expires_at=row["expires_at"], user=user)'
        )
    return "\n".join(
        [
            "    return Session(",
            '        id=row["id"],',
            '        expires_at=row["expires_at"],',
            "        user=user,",
            *further,
            "    )",
        ]
    )


def acted_user(additions: object) -> str:
    """Return what a test's user has besides: a value for each field that needs one."""
    needed = _in_tests(additions, "auth_user")
    if not needed:
        return '        **{"name": "Test", **fields},'
    lines = [f'            "{name}": {value},' for name, value in needed.items()]
    return "\n".join(
        [
            "        **{",
            '            "name": "Test",',
            *lines,
            "            **fields,",
            "        },",
        ]
    )


def acted_session(additions: object) -> str:
    """Return the session of a test's user."""
    needed = _in_tests(additions, "auth_session")
    if not needed:
        return "    session = Session(id=uuid4(), expires_at=tomorrow, user=user)"
    return "\n".join(
        [
            "    session = Session(",
            "        id=uuid4(),",
            "        expires_at=tomorrow,",
            "        user=user,",
            *(f"        {name}={value}," for name, value in needed.items()),
            "    )",
        ]
    )


def token_claims(additions: object) -> str:
    """Return the last claims that the auth server puts into a token."""
    lines = ["          sid: session.id,"]
    for owner, table in (("user", "auth_user"), ("session", "auth_session")):
        lines += [
            f"          {field.claim}: {owner}.{field.source},"
            for field in fields_of(additions, table)
        ]
    return "\n".join(lines)


def user_of_claims(additions: object) -> str:
    """Return the end of the user that a token's claims are."""
    lines = ['        name=str(claims["name"]),']
    lines += _read_from_claims(additions, "auth_user")
    return "\n".join([*lines, "    )"])


def session_of_claims(additions: object) -> str:
    """Return the end of the session that a token's claims are."""
    lines = [
        "        user=user,",
        *_read_from_claims(additions, "auth_session"),
        "    )",
    ]
    if any(
        field.column.type is ColumnType.TIMESTAMP for field in _all_fields(additions)
    ):
        lines += _MOMENT
    return "\n".join(lines)


def _in_tests(additions: object, table: str) -> dict[str, str]:
    """Return a value, as Python writes it, for each field that must be given."""
    return {
        one.name: literal(one.column.values[0])
        if one.column.values
        else _IN_TESTS[one.type]
        for one in fields_of(additions, table)
        if one.is_keyword_only
    }


def _all_fields(additions: object) -> tuple[Field, ...]:
    return (
        *fields_of(additions, "auth_user"),
        *fields_of(additions, "auth_session"),
    )


def _declared(last: str, additions: object, table: str) -> str:
    lines = [f"    {field.declaration}" for field in fields_of(additions, table)]
    return "\n".join([last, *lines])


def _read_from_row(additions: object, table: str) -> list[str]:
    return [
        f"        {field.name}={_of_row(field)},"
        for field in fields_of(additions, table)
    ]


def _of_row(field: Field) -> str:
    value = f'row["{field.alias}"]'
    if field.column.type is not ColumnType.JSON:
        return value
    if field.column.nullable:
        return f"{value} and json.loads({value})"
    return f"json.loads({value})"


def _read_from_claims(additions: object, table: str) -> list[str]:
    return [
        f"        {field.name}={_of_claims(field)},"
        for field in fields_of(additions, table)
    ]


def _of_claims(field: Field) -> str:
    value = f'claims.get("{field.claim}")'
    if field.column.type is ColumnType.TIMESTAMP:
        return f"_moment({value})"
    if field.column.type is ColumnType.UUID:
        return f"{value} and UUID({value})"
    return value


# By the names that templates call them by.
PASSAGES = {
    passage.__name__: passage
    for passage in (
        model_imports,
        user_fields,
        session_fields,
        session_imports,
        looked_up,
        user_of_row,
        session_of_row,
        acted_user,
        acted_session,
        token_claims,
        user_of_claims,
        session_of_claims,
    )
}
