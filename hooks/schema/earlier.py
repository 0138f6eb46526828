"""Carrying people over from the tables that better-auth makes by default.

Those are called ``user``, ``session`` and ``account``, with columns in camelCase and
ids of 32 characters. Here ids are UUIDs: one is made from each old id, the same for
every table, so that what belongs together stays together. Nothing is taken from the old
tables.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..answers.additions import ColumnType
from .names import quoted
from .tables import field_of, tables_for, template_tables

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..answers import Answers
    from .tables import Column

# Ids of a user or of an organization, which no name tells apart: of API keys, for one.
_NAMES_ANY_ROW = frozenset({"referenceId", "impersonatedBy"})
# An id without a foreign key: activeOrganizationId.
_NAMES_ROW = re.compile(r"(?:active)?([A-Za-z])(\w{1,99})Id")
_WORD = re.compile(r"\w{1,99}")
_TEMPLATE = frozenset(table.name for table in template_tables())

# A UUID that follows from the old id alone.
_ID = "md5({column})::uuid"
# An account with a password is known by its user's id.
_ACCOUNT = (
    "CASE WHEN \"providerId\" = 'credential' "
    f"""THEN {_ID.format(column='"accountId"')}::text ELSE "accountId" END"""
)
# What is in the others is made again when it is needed.
_PEOPLE = ("auth_user", "auth_account", "auth_session")


def makes_earlier_tables(text: str) -> bool:
    """Return True if SQL, a migration or a model makes better-auth's default tables.

    Those of Auth.js, which NextAuth was, look alike, but call the token of a session
    otherwise.
    """
    if "emailVerified" not in text or re.search(r"sessionToken|session_token", text):
        return False
    return re.search(r"(?i)\"?session\"?", text) is not None


def carry_over(answers: Answers, text: str) -> str:
    """Return the SQL that copies all people, accounts and sessions, once.

    What plugins and further fields store is copied, too, where the ``text`` that makes
    the old tables names it.
    """
    said = {*_WORD.findall(text)}
    recorded = {table.name: table for table in answers.auth_schema_additions}
    plugins = (n for n in recorded if n.startswith("auth_") and n not in _TEMPLATE)
    sources = {name: field_of(name.removeprefix("auth_")) for name in plugins}
    sources = {name: source for name, source in sources.items() if source in said}
    sources |= {name: name.removeprefix("auth_") for name in _PEOPLE}
    models = {*sources.values()}
    copies: list[str] = []
    for table in tables_for(answers):
        if table.name not in sources:
            continue
        added = recorded.get(table.name)
        fields = {c.name: c.field for c in added.columns} if added else {}
        columns = {
            column: fields.get(column.name) or field_of(column.name)
            for column in table.columns
        }
        values = {
            quoted(column.name): _value(column, field, sources[table.name], models)
            for column, field in columns.items()
            if column.name not in fields or field in said
        }
        copies.append(
            f"INSERT INTO {quoted(table.name)} ({', '.join(values)})\n"
            f"SELECT {', '.join(values.values())}\n"
            f'  FROM "{sources[table.name]}" ON CONFLICT DO NOTHING;'
        )
    return "\n".join(["BEGIN;", *copies, "COMMIT;"])


def _value(column: Column, field: str, source: str, models: Collection[str]) -> str:
    """Return what a column gets from ``source``; the ids of ``models`` are new."""
    if field == "accountId":
        return _ACCOUNT
    identity = _ID.format(column=f'"{field}"')
    if column.type is ColumnType.UUID:
        return identity
    if field in _NAMES_ANY_ROW:
        known = " OR ".join(
            f'EXISTS (SELECT FROM "{model}" WHERE id = "{source}"."{field}")'
            for model in ("user", "organization")
            if model in models
        )
        return f'CASE WHEN {known} THEN {identity}::text ELSE "{field}" END'
    named = _NAMES_ROW.fullmatch(field)
    if named and f"{named[1].lower()}{named[2]}" in models:
        return f"{identity}::text"
    return f'"{field}"'
