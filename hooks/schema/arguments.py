"""Columns and constraints as SQLAlchemy arguments, for migrations and for models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tables import Column, Table, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_LIMIT = 88

_TYPES = {
    Type.UUID: "postgresql.UUID(as_uuid=True)",
    Type.TEXT: "sa.Text()",
    Type.BOOLEAN: "sa.Boolean()",
    Type.TIMESTAMP: "sa.DateTime(timezone=True)",
    Type.INTEGER: "sa.Integer()",
    Type.BIGINT: "sa.BigInteger()",
}


def table_arguments(table: Table, margin: str) -> Iterator[str]:
    """Yield the lines, indented by ``margin``.

    Every constraint has PostgreSQL's own name for it, so that no naming convention of
    the project's metadata makes another of it.
    """
    for column in table.columns:
        yield from _column(column, margin)
    for column in table.columns:
        if column.references:
            yield f"{margin}sa.ForeignKeyConstraint("
            yield f'{margin}    ["{column.name}"],'
            yield f'{margin}    ["{column.references}.id"],'
            yield f'{margin}    name="{table.name}_{column.name}_fkey",'
            yield f'{margin}    ondelete="CASCADE",'
            yield f"{margin}),"
    yield f'{margin}sa.PrimaryKeyConstraint("id", name="{table.name}_pkey"),'
    for column in table.columns:
        if column.unique:
            name = f"{table.name}_{column.name}_key"
            yield f'{margin}sa.UniqueConstraint("{column.name}", name="{name}"),'


def call(name: str, arguments: list[str], margin: str) -> Iterator[str]:
    """Yield a call that is itself an argument, on one line where it fits."""
    one = f"{margin}{name}({', '.join(arguments)}),"
    if len(one) <= LINE_LIMIT:
        yield one
        return
    yield f"{margin}{name}("
    yield from (f"{margin}    {argument}," for argument in arguments)
    yield f"{margin}),"


def _column(column: Column, margin: str) -> Iterator[str]:
    arguments = [f'"{column.name}"', _TYPES[column.type]]
    if column.default:
        arguments.append(f'server_default=sa.text("{column.default}")')
    arguments.append(f"nullable={column.nullable}")
    yield from call("sa.Column", arguments, margin)
