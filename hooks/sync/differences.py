"""What is stored now, next to what was recorded when sync was last run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..answers.additions import StoredColumn, StoredTable


def changed(
    found: Sequence[StoredTable], earlier: Sequence[StoredTable]
) -> tuple[str, ...]:
    """Name the columns that the database would have to have otherwise."""
    before = {(t.name, c.name): _in_database(c) for t in earlier for c in t.columns}
    return tuple(
        f"{table.name}.{column.name}"
        for table in found
        for column in table.columns
        if before.get((table.name, column.name)) not in {None, _in_database(column)}
    )


def _in_database(column: StoredColumn) -> tuple[object, ...]:
    rule = (column.nullable, column.unique, column.index)
    reference = (column.references, column.references_column, column.on_delete)
    return (column.type, *rule, *reference)


def joined(
    found: Sequence[StoredTable], earlier: Sequence[StoredTable]
) -> tuple[StoredTable, ...]:
    """Return all that is found, and what was before and is stored no more."""
    all_ = {table.name: table for table in earlier}
    for table in found:
        known = all_.get(table.name)
        if known is None:
            all_[table.name] = table
            continue
        names = {column.name for column in table.columns}
        # In the order in which they came, so that the files grow at their end alone.
        now = {column.name: column for column in table.columns}
        old = tuple(now.pop(c.name, c) for c in known.columns)
        indexes = dict.fromkeys((*known.indexes, *table.indexes))
        indexes = dict.fromkeys(
            i for i in indexes if i in table.indexes or not names & set(i.columns)
        )
        all_[table.name] = table.model_copy(
            update={"columns": (*old, *now.values()), "indexes": tuple(indexes)}
        )
    return tuple(all_.values())


def loosened(
    tables: Sequence[StoredTable], unfilled: Sequence[StoredTable]
) -> tuple[StoredTable, ...]:
    """Return the tables in which what is ``unfilled`` may be empty."""
    names = {
        (table.name, column.name) for table in unfilled for column in table.columns
    }
    return tuple(
        table.model_copy(
            update={
                "columns": tuple(
                    column.model_copy(update={"nullable": True})
                    if (table.name, column.name) in names and column.default is None
                    else column
                    for column in table.columns
                )
            }
        )
        for table in tables
    )


def names(
    tables: Sequence[StoredTable], others: Sequence[StoredTable]
) -> tuple[str, ...]:
    """Return a name for each table that is in no other, and for each column else."""
    known = {table.name for table in others}
    return tuple(
        name
        for table in tables
        for name in (
            [f"{table.name}.{column.name}" for column in table.columns]
            if table.name in known
            else [table.name]
        )
    )
