"""Columns and constraints as SQLAlchemy arguments, for migrations and for models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..answers.additions import ColumnType
from .names import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tables import Column, Table

LINE_LIMIT = 88

_TYPES = {
    ColumnType.UUID: "postgresql.UUID(as_uuid=True)",
    ColumnType.TEXT: "sa.Text()",
    ColumnType.BOOLEAN: "sa.Boolean()",
    ColumnType.TIMESTAMP: "sa.DateTime(timezone=True)",
    ColumnType.INTEGER: "sa.Integer()",
    ColumnType.BIGINT: "sa.BigInteger()",
    ColumnType.JSON: "postgresql.JSONB()",
}


def table_arguments(
    table: Table, margin: str, *, is_model: bool = False
) -> Iterator[str]:
    """Yield the lines, indented by ``margin``.

    Every constraint has PostgreSQL's own name for it, so that no naming convention of
    the project's metadata makes another of it. A model has its late keys, too; a
    migration adds them when the tables are there.
    """
    for column in table.columns:
        yield from column_argument(column, margin)
    for column in table.columns:
        is_late = column.name in table.late_keys
        if column.references and (is_model or not is_late):
            yield f"{margin}sa.ForeignKeyConstraint("
            yield f'{margin}    ["{column.name}"],'
            yield f'{margin}    ["{column.references}.{column.references_column}"],'
            yield f'{margin}    name="{foreign_key_name(table.name, column)}",'
            yield f'{margin}    ondelete="{column.on_delete}",'
            if is_late:
                yield f"{margin}    use_alter=True,"
            yield f"{margin}),"
    key = shortened(f"{table.name}_pkey")
    yield from call("sa.PrimaryKeyConstraint", ['"id"', f'name="{key}"'], margin)
    for column in table.columns:
        if column.unique:
            named = [f'"{column.name}"', f'name="{unique_name(table.name, column)}"']
            yield from call("sa.UniqueConstraint", named, margin)


def foreign_key_name(table: str, column: Column) -> str:
    """Return PostgreSQL's own name for a column's foreign key."""
    return shortened(f"{table}_{column.name}_fkey")


def unique_name(table: str, column: Column) -> str:
    """Return PostgreSQL's own name for the constraint of a column without doubles."""
    return shortened(f"{table}_{column.name}_key")


def call(name: str, arguments: list[str], margin: str) -> Iterator[str]:
    """Yield a call that is itself an argument, on one line where it fits."""
    one = f"{margin}{name}({', '.join(arguments)}),"
    if len(one) <= LINE_LIMIT:
        yield one
        return
    yield f"{margin}{name}("
    yield from (f"{margin}    {argument}," for argument in arguments)
    yield f"{margin}),"


def column_argument(column: Column, margin: str) -> Iterator[str]:
    """Yield one ``sa.Column(...)``, indented by ``margin``."""
    arguments = [f'"{column.name}"', _TYPES[column.type]]
    if column.default:
        arguments.append(f"server_default={_default(column.default)}")
    arguments.append(f"nullable={column.nullable}")
    yield from call("sa.Column", arguments, margin)


def _default(default: str) -> str:
    """Return a default that is SQL; a text as a text, which SQLAlchemy quotes."""
    if default.startswith("'"):
        return json.dumps(default[1:-1].replace("''", "'"), ensure_ascii=False)
    return f'sa.text("{default}")'
