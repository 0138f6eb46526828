"""Which table of people is meant, and whether they can be imported from it."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from ..answers import rules
from ..answers.existing_users import ExistingUsersTable, lacks, parse_table
from .shared_postgres import shares_postgres

if TYPE_CHECKING:
    from ..model import Facts, UserTable

_RECORDED = tuple(field.name for field in fields(ExistingUsersTable))
_ELSEWHERE = "they are in another database than the auth tables"
_SEVERAL = "which of the tables is meant is for you to say"


def people_table(facts: Facts) -> UserTable | None:
    """Return the one table of people who sign in; None where there is no such one."""
    tables = facts.user_tables.value or ()
    signing_in = [table for table in tables if table.password]
    found = signing_in or [*tables]
    return found[0] if len(found) == 1 else None


def recorded_table(facts: Facts) -> dict[str, Any]:
    """Return what the answers record of it; nothing where none can be imported from.

    Its names are the repository's own, so they are judged like a person's answer.
    """
    table = people_table(facts)
    if table is None or not shares_postgres(facts):
        return {}
    known = asdict(table)
    found = {name: known[name] for name in _RECORDED}
    return {} if rules.problem("auth_existing_users_table", found) else found


def why_apart(facts: Facts) -> str:
    """Say why the people who were found cannot be imported; empty if they can."""
    if people_table(facts) is None:
        return _SEVERAL
    table = parse_table(recorded_table(facts))
    return lacks(table) if table else _ELSEWHERE
