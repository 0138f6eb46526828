"""The auth tables as an Alembic revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tables import Column, Index, Table, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TYPES = {
    Type.UUID: "postgresql.UUID(as_uuid=True)",
    Type.TEXT: "sa.Text()",
    Type.BOOLEAN: "sa.Boolean()",
    Type.TIMESTAMP: "sa.DateTime(timezone=True)",
    Type.INTEGER: "sa.Integer()",
    Type.BIGINT: "sa.BigInteger()",
}


def revision_source(
    tables: Sequence[Table],
    *,
    message: str,
    revision: str,
    down_revision: str | None,
    created: str,
) -> str:
    """Return the text of a revision that creates ``tables`` and drops them again."""
    down = "None" if down_revision is None else f'"{down_revision}"'
    upgrade = [line for table in tables for line in _create(table)]
    downgrade = [f'    op.drop_table("{table.name}")' for table in reversed(tables)]
    return "\n".join(
        [
            f'"""{message}',
            "",
            f"Revision ID: {revision}",
            f"Revises: {down_revision or ''}".rstrip(),
            f"Create Date: {created}",
            '"""',
            "",
            "import sqlalchemy as sa",
            "from alembic import op",
            "from sqlalchemy.dialects import postgresql",
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
    for column in table.columns:
        yield from _column(column)
    for column in table.columns:
        if column.references:
            yield "        sa.ForeignKeyConstraint("
            yield f'            ["{column.name}"],'
            yield f'            ["{column.references}.id"],'
            yield f'            name="{table.name}_{column.name}_fkey",'
            yield '            ondelete="CASCADE",'
            yield "        ),"
    yield f'        sa.PrimaryKeyConstraint("id", name="{table.name}_pkey"),'
    for column in table.columns:
        if column.unique:
            name = f"{table.name}_{column.name}_key"
            yield f'        sa.UniqueConstraint("{column.name}", name="{name}"),'
    yield "    )"
    for index in table.indexes:
        yield from _index(table, index)


def _column(column: Column) -> Iterator[str]:
    parts = [f'"{column.name}"', _TYPES[column.type]]
    if column.default:
        parts.append(f'server_default=sa.text("{column.default}")')
    parts.append(f"nullable={column.nullable}")
    one = f"        sa.Column({', '.join(parts)}),"
    limit = 88
    if len(one) <= limit:
        yield one
        return
    yield "        sa.Column("
    for part in parts:
        yield f"            {part},"
    yield "        ),"


def _index(table: Table, index: Index) -> Iterator[str]:
    columns = ", ".join(f'"{name}"' for name in index.columns)
    yield "    op.create_index("
    yield f'        "{index.name}",'
    yield f'        "{table.name}",'
    yield f"        [{columns}],"
    if index.unique:
        yield "        unique=True,"
    yield "    )"
