"""Columns that keep people out, and that an import does not read."""

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
        place = project.facts.user_tables.evidence[0]
        for column in found.restricts:
            yield warning(
                f"{table.table}.{column} may keep people out, and the import does not "
                "read it",
                place.path,
                place.line,
                remedy=(
                    f"ban them after the import: who has {column} in {table.table} can "
                    "sign in at the auth server until then"
                ),
            )
