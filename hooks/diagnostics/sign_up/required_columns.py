"""Columns of a sign-up's own tables that must be filled, and are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Broken, problem
from ..schema_drift.required_columns import by_hand, declared, later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# A sign-up stores a row in each; BA013 is about all tables.
WRITTEN = frozenset({"auth_user", "auth_account", "auth_session"})

BROKEN = (
    Broken(
        title="its own column that must be filled",
        path="{versions}/later_plan.py",
        after=later(
            'op.add_column("auth_user", sa.Column("plan", sa.Text(), nullable=False))'
        ),
    ),
    Broken(
        title="the same within a batch",
        path="{versions}/later_batch.py",
        after=later(
            'with op.batch_alter_table("auth_session") as batch:',
            '    batch.add_column(sa.Column("tenant", sa.Text(), nullable=False))',
        ),
    ),
    Broken(
        title="the same in SQL",
        path="{versions}/later_sql.py",
        after=later(
            'op.execute("ALTER TABLE auth_account ADD COLUMN tenant text NOT NULL")'
        ),
    ),
    Broken(
        title="a default that is taken away once the rows are filled",
        path="{versions}/later_default.py",
        after=later(
            'op.add_column("auth_user", sa.Column("plan", sa.Text(), '
            'nullable=False, server_default="free"))',
            'op.alter_column("auth_user", "plan", server_default=None)',
        ),
    ),
    Broken(
        title="an optional column that must be filled",
        path="{versions}/later_image.py",
        after=later('op.alter_column("auth_user", "image", nullable=False)'),
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
    for found in declared(project):
        if found.table in WRITTEN:
            yield problem(
                f"sign-up fails: {found.table}.{found.column} must be filled, and "
                "better-auth does not",
                *found.required_at,
                remedy=by_hand(found.table, found.column),
            )
