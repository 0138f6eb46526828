"""What migrations have made already, read from their text: Alembic's or SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .alembic_columns import alembic_columns
from .sql_columns import sql_columns, upward
from .table_names import dropped_tables, made_tables, with_earlier_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from .column_changes import ColumnChange

_PYTHON = re.compile(r"(?m)^def\s{1,9}upgrade\b")


def creates_table(migration: str, table: str) -> bool:
    """Return True if a migration creates ``table``, by operation or in SQL."""
    return table in migration and table in dict(made_tables(migration))


def leaves_table(migrations: Sequence[str], table: str) -> bool:
    """Return True if ``table`` is there after all these migrations, in their order."""
    is_there = False
    for migration in migrations:
        if table in migration and table in dropped_tables(migration):
            is_there = False
        elif creates_table(migration, table):
            is_there = True
    return is_there


def columns_written(migrations: Sequence[str], table: str) -> frozenset[str] | None:
    """Return the columns that ``table`` gets; ``None`` where that cannot be read."""
    tables = with_earlier_names(migrations, {table})
    found: dict[str, set[str]] = {name: set() for name in tables}
    for migration in migrations:
        for change in _changes(migration, tables):
            columns = found.setdefault(change.table, set())
            match change.action:
                case "declare":
                    columns.add(change.column)
                case "drop":
                    columns -= {change.column} if change.column else {*columns}
                case "rename" if not change.column:
                    found[change.new_name] = found.pop(change.table)
                case "rename" if change.column in columns:
                    columns -= {change.column}
                    columns.add(change.new_name)
                case _:
                    pass
    return frozenset(found.get(table, ())) or None


def _changes(migration: str, tables: Collection[str]) -> Iterator[ColumnChange]:
    if _PYTHON.search(migration):
        return alembic_columns("", migration, tables)
    return sql_columns(upward(migration), tables)
