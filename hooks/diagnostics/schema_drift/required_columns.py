"""Columns that must be filled, and that better-auth does not fill."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...probe import look
from ...schema.names import quoted
from ...schema.tables import field_of
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...migrations.declared import Declared
    from ...model import Finding
    from .._project import Project


def later(*statements: str) -> str:
    """Return a revision after the auth tables' own, for the examples."""
    body = "".join(f"    {statement}\n" for statement in statements)
    return (
        'revision = "later"\ndown_revision = "{head}"\n\nimport sqlalchemy as sa\n'
        f"from alembic import op\n\n\ndef upgrade():\n{body}\n\ndef downgrade():\n"
        "    pass\n"
    )


BROKEN = (
    Broken(
        title="another's column that must be filled",
        path="{versions}/later_tenant.py",
        after=later(
            'op.add_column("auth_verification", '
            'sa.Column("tenant", sa.Integer(), nullable=False))'
        ),
    ),
    Broken(
        title="a column that lost its default",
        path="{versions}/later_counter.py",
        after=later(
            'op.execute("ALTER TABLE auth_rate_limit ADD COLUMN kind text NOT NULL '
            "DEFAULT 'ip'\")",
            'op.execute("ALTER TABLE auth_rate_limit ALTER COLUMN kind DROP DEFAULT")',
        ),
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for them in migrations and models."""
    for found in declared(project):
        yield problem(
            f"{found.table}.{found.column} must be filled, and better-auth does not",
            *found.required_at,
            remedy=by_hand(found.table, found.column),
        )


def probe(project: Project) -> Iterator[Finding]:
    """Look for them in the database's catalogue."""
    for table, column in live(project):
        yield problem(
            f"{table}.{column} must be filled in the database, and better-auth "
            "does not",
            project.env_path,
            remedy=by_hand(table, column),
        )


def declared(project: Project) -> Iterator[Declared]:
    """Yield each such column of migrations and models once."""
    seen: set[tuple[str, str]] = set()
    for found in (*project.migrated.values(), *project.modelled):
        key = found.table, found.column
        if found.is_required and key not in seen and not is_filled(project, *key):
            seen.add(key)
            yield found


def live(project: Project) -> list[tuple[str, str]]:
    """Return each such column of the database; none where it was not asked."""
    required = look(project.auth_server).required
    return [key for key in required if not is_filled(project, *key)]


def by_hand(table: str, column: str) -> str:
    """Return the statement that lets a row be stored without the column."""
    return (
        f"a new migration: ALTER TABLE {quoted(table)} ALTER COLUMN {quoted(column)} "
        "DROP NOT NULL; or SET DEFAULT in its place"
    )


def is_filled(project: Project, table: str, column: str) -> bool:
    """Return True where better-auth writes a column with every row.

    One of the project's own that the auth server's code names is its business.
    """
    known = next((t for t in project.tables if t.name == table), None)
    if known is None:
        return True
    for one in known.columns:
        if one.name == column:
            return not one.nullable
    names = {column, field_of(column)}
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    return any(
        word.search(script.source.decode(errors="replace"))
        for script in project.scripts.values()
    )
