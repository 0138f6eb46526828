"""What migrations have made already, read from their text: Alembic's or SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .alembic_columns import alembic_columns
from .sql_columns import sql_columns, upward
from .table_names import dropped_tables, made_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    found: set[str] = set()
    for migration in migrations:
        for change in _changes(migration, table):
            if change.action == "declare":
                found.add(change.column)
            elif change.action == "drop":
                found -= {change.column} if change.column else found
    return frozenset(found) or None


def _changes(migration: str, table: str) -> Iterator[ColumnChange]:
    if _PYTHON.search(migration):
        return alembic_columns("", migration, {table})
    return sql_columns(upward(migration), {table})
