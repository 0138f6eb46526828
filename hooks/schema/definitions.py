"""The auth tables as SQLAlchemy tables, for the metadata of the user's own models."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from .arguments import call, table_arguments
from .tables import tables_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers import Answers
    from .tables import Table


def table_definitions(answers: Answers) -> str:
    """Return one ``sa.Table`` for each table, equal to what the migration makes."""
    return "\n\n".join("\n".join(_table(table)) for table in tables_for(answers))


def table_definition(name: str, answers: Answers) -> str:
    """Return the ``sa.Table`` of one table; empty where these answers have none."""
    found = (table for table in tables_for(answers) if table.name == name)
    return "\n".join(line for table in found for line in _table(table))


def _table(table: Table) -> Iterator[str]:
    yield f"{_variable(table.name)} = sa.Table("
    yield f'    "{table.name}",'
    yield "    metadata,"
    yield from table_arguments(table, "    ", is_model=True)
    for index in table.indexes:
        columns = [f'"{name}"' for name in index.columns]
        unique = ["unique=True"] if index.unique else []
        yield from call("sa.Index", [f'"{index.name}"', *columns, *unique], "    ")
    yield ")"


def _variable(name: str) -> str:
    """Return the variable for a table, where its name is no word of the file's."""
    is_taken = keyword.iskeyword(name) or name in {"metadata", "sa", "postgresql"}
    return f"{name}_table" if is_taken else name
