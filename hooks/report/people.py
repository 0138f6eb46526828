"""The people who were there before: what was found of them, what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..discovery.existing_users import why_apart
from ..rendering.commands import within
from ..rendering.existing_users import TAKE_ALONG, existing_users_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Facts, Outcome, UserTable


def people_found(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield the rows of the report: a label, which may be empty, and what it says."""
    tables = facts.user_tables.value or ()
    for number, table in enumerate(tables):
        places = facts.user_tables.evidence
        own = (place for place in places if f"{table.table}." in place.why)
        place = next(own, None)
        sure = f"   ({place.path}:{place.line}, likely)" if place else ""
        yield "" if number else "Existing users", f"{_told(table)}{sure}"
    if tables:
        why = why_apart(facts)
        kept = ", with their passwords" * any(table.scheme for table in tables)
        can = f"import takes them along{kept}"
        yield "", f"none, the default, leaves them apart; {why or can}"


def _told(table: UserTable) -> str:
    kept = f"passwords by {table.hashes or 'an unknown way'}" * bool(table.password)
    key = f"key {table.id or 'unknown'} ({table.id_type or 'of unknown kind'})"
    parts = (f"e-mail {table.email or 'unknown'}", key, kept)
    return f"{table.table}: {', '.join(filter(None, parts))}"


def people_left(outcome: Outcome) -> tuple[str, ...]:
    """Return what becomes of them, for the last message."""
    answers = outcome.answers
    table = answers.auth_existing_users_table
    manager = answers.auth_node_package_manager
    return existing_users_words(
        answers.auth_existing_users,
        table.table if table else "",
        within(answers.auth_server_dir, f"{manager} run import-users"),
        f"the update below with {TAKE_ALONG}",
        scheme=table.scheme if table and answers.hash_readers else "",
    )
