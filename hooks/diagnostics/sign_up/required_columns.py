"""Columns that must be filled, and that better-auth does not fill."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...schema.tables import field_of
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...migrations.declared import Declared
    from ...model import Finding
    from .._project import Project


def _later(*statements: str) -> str:
    """Return a revision after the auth tables' own, for the examples."""
    body = "".join(f"    {statement}\n" for statement in statements)
    return (
        'revision = "later"\ndown_revision = "{head}"\n\nimport sqlalchemy as sa\n'
        f"from alembic import op\n\n\ndef upgrade():\n{body}\n\ndef downgrade():\n"
        "    pass\n"
    )


BROKEN = (
    Broken(
        title="its own column that must be filled",
        path="{versions}/later_plan.py",
        after=_later(
            'op.add_column("auth_user", sa.Column("plan", sa.Text(), nullable=False))'
        ),
    ),
    Broken(
        title="the same within a batch",
        path="{versions}/later_batch.py",
        after=_later(
            'with op.batch_alter_table("auth_session") as batch:',
            '    batch.add_column(sa.Column("tenant", sa.Text(), nullable=False))',
        ),
    ),
    Broken(
        title="the same in SQL",
        path="{versions}/later_sql.py",
        after=_later(
            'op.execute("ALTER TABLE auth_account ADD COLUMN tenant text NOT NULL")'
        ),
    ),
    Broken(
        title="a default that is taken away once the rows are filled",
        path="{versions}/later_default.py",
        after=_later(
            'op.add_column("auth_user", sa.Column("plan", sa.Text(), '
            'nullable=False, server_default="free"))',
            'op.alter_column("auth_user", "plan", server_default=None)',
        ),
    ),
    Broken(
        title="an optional column that must be filled",
        path="{versions}/later_image.py",
        after=_later('op.alter_column("auth_user", "image", nullable=False)'),
    ),
    Broken(
        title="a model with a column that must be filled",
        path="{backend}/app/people.py",
        after=(
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n"
            "class Base(DeclarativeBase):\n    pass\n\n\nclass Person(Base):\n"
            '    __tablename__ = "auth_user"\n\n'
            "    id: Mapped[str] = mapped_column(primary_key=True)\n"
            "    plan: Mapped[str] = mapped_column()\n"
        ),
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for required columns in migrations and models."""
    seen: set[tuple[str, str]] = set()
    for found in (*project.migrated.values(), *project.modelled):
        key = found.table, found.column
        if found.is_required and key not in seen and not is_filled(project, *key):
            seen.add(key)
            yield _refused(found)


def _refused(found: Declared) -> Finding:
    return problem(
        f"{found.table}.{found.column} must be filled, and better-auth does not",
        *found.required_at,
        remedy=by_hand(found.table, found.column),
    )


def by_hand(table: str, column: str) -> str:
    """Return the statement that lets a row be stored without the column."""
    return (
        f"a new migration: ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL; "
        f"or SET DEFAULT in its place"
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
