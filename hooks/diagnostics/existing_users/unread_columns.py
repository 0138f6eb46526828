"""Columns that keep people out, and that the import is not told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Status
from .._check import Broken, warning
from .unread_hashes import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = tuple(
    Broken(
        title=title,
        path="{backend}/app/people.py",
        after=f"{MODEL}    {column}\n",
        project="people",
        severity=Status.WARN,
    )
    for title, column in (
        ("people who are banned", "banned: Mapped[bool]"),
        ("people who are gone", "deleted_at: Mapped[str | None]"),
    )
)


def find(project: Project) -> Iterator[Finding]:
    """Look for columns whose name says that they keep people out."""
    table = project.answers.auth_existing_users_table
    for found in project.facts.user_tables.value or ():
        if table is None or found.table != table.table:
            continue
        places = project.facts.user_tables.evidence
        own = (place for place in places if f"{table.table}." in place.why)
        place = next(own, places[0])
        for column in found.restricts:
            if column in table.restricts:
                continue  # the import asks whom to bring over
            yield warning(
                f"{table.table}.{column} may keep people out, and the import does not "
                "ask about it",
                place.path,
                place.line,
                remedy=(
                    f"add {column} to restricts of auth_existing_users_table, and say "
                    "whom to import by import-users --where"
                ),
            )
