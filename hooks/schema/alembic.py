"""The auth tables as an Alembic revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import table_arguments
from .triggers import DROP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .tables import Index, Table


def revision_source(  # noqa: PLR0913 - what a revision consists of
    tables: Sequence[Table],
    *,
    message: str,
    revision: str,
    down_revision: str | None,
    created: str,
    triggers: Sequence[str] = (),
) -> str:
    """Return the text of a revision that creates ``tables`` and drops them again.

    ``triggers`` are the statements that create the triggers on them, if any.
    """
    down = "None" if down_revision is None else f'"{down_revision}"'
    upgrade = [line for table in tables for line in _create(table)]
    upgrade += [line for statement in triggers for line in _execute(statement)]
    downgrade = [f'    op.execute("{DROP}")'] if triggers else []
    downgrade += [f'    op.drop_table("{table.name}")' for table in reversed(tables)]
    return "\n".join(
        [
            f'"""{message}',
            "",
            f"Revision ID: {revision}",
            f"Revises: {down_revision or ''}".rstrip(),
            f"Create Date: {created}",
            '"""',
            "",
            *(["import sqlalchemy as sa"] if tables else []),
            "from alembic import op",
            *(["from sqlalchemy.dialects import postgresql"] if tables else []),
            "",
            "# revision identifiers, used by Alembic.",
            f'revision = "{revision}"',
            f"down_revision = {down}",
            "branch_labels = None",
            "depends_on = None",
            "",
            "",
            "def upgrade() -> None:",
            *upgrade,
            "",
            "",
            "def downgrade() -> None:",
            *downgrade,
            "",
        ]
    )


def _create(table: Table) -> Iterator[str]:
    yield "    op.create_table("
    yield f'        "{table.name}",'
    yield from table_arguments(table, "        ")
    yield "    )"
    for index in table.indexes:
        yield from _index(table, index)


def _index(table: Table, index: Index) -> Iterator[str]:
    columns = ", ".join(f'"{name}"' for name in index.columns)
    yield "    op.create_index("
    yield f'        "{index.name}",'
    yield f'        "{table.name}",'
    yield f"        [{columns}],"
    if index.unique:
        yield "        unique=True,"
    yield "    )"


def _execute(statement: str) -> Iterator[str]:
    yield "    op.execute("
    yield '        """'
    yield from (f"        {line}" for line in statement.splitlines())
    yield '        """'
    yield "    )"
