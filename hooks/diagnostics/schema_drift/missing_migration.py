"""Tables and columns that no migration makes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ... import ANSWERS_FILE
from ...edits.add_migration import add_migration
from ...model import FileEdit, Finding, Fix, Plan
from ...schema.names import quoted
from .._check import FIX, REVISION, Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._project import Project

BROKEN = (
    Broken(
        title="a column that the migration does not make",
        path=REVISION,
        before='        sa.Column("scope", sa.Text(), nullable=True),\n',
        fixed=True,
    ),
    Broken(
        title="a column that must not be empty, and no migration makes",
        path=REVISION,
        before='        sa.Column("provider_id", sa.Text(), nullable=False),\n',
    ),
    Broken(
        title="no migration at all",
        path=REVISION,
        after="",
        project="default",
        fixed=True,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Compare the tables with what the migrations leave; the fix adds what lacks."""
    system = project.answers.migrated_by
    if system == "server":
        return
    if project.versions is None:
        if system == "alembic":
            yield problem(
                "Alembic's folder of revisions is gone, so nothing makes the tables",
                ANSWERS_FILE,
                project.line_of_answer("auth_migration_system"),
                remedy="bring alembic.ini and its folder back: git log --diff-filter=D "
                "--name-only -- '*alembic.ini' '*/versions/*'",
            )
        return
    declared = project.migrated
    made = {table for table, _ in declared}
    missing = [table.name for table in project.tables if table.name not in made]
    lost = [
        (table, column)
        for table in project.tables
        for column in (table.columns if table.name in made else ())
        if (table.name, column.name) not in declared
    ]
    if not missing and not lost:
        return
    # One further migration brings all that is missing, the columns too.
    names = [*missing, *(f"{table.name}.{column.name}" for table, column in lost)]
    planned = add_migration(project.integration, project.staging)
    fix = None
    if isinstance(planned, FileEdit):
        title = f"added the migration of {', '.join(names)}"
        fix = Fix(title=title, plan=Plan(edits=(planned,)))
    if missing:
        message = f"no migration makes {', '.join(missing)}"
        yield _unmade(project.versions, message, fix, "")
        fix = None
    for table, column in lost:
        by_hand = (
            f"a new migration: ALTER TABLE {quoted(table.name)} "
            f"ADD COLUMN {quoted(column.name)} "
            f"{column.type.value}"
        )
        message = f"no migration makes the column {table.name}.{column.name}"
        yield _unmade(project.versions, message, fix, by_hand)
        fix = None


def _unmade(path: str, message: str, fix: Fix | None, by_hand: str) -> Finding:
    found = problem(message, path, remedy=FIX if fix else by_hand)
    return replace(found, fix=fix)
