"""The auth tables as SQLAlchemy tables, for the metadata of the user's own models."""

from __future__ import annotations

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


def _table(table: Table) -> Iterator[str]:
    yield f"{table.name} = sa.Table("
    yield f'    "{table.name}",'
    yield "    metadata,"
    yield from table_arguments(table, "    ")
    for index in table.indexes:
        columns = [f'"{name}"' for name in index.columns]
        unique = ["unique=True"] if index.unique else []
        yield from call("sa.Index", [f'"{index.name}"', *columns, *unique], "    ")
    yield ")"
