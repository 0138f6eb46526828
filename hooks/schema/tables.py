"""The tables that better-auth expects for a set of answers.

``better_auth.json`` is what the pinned better-auth says; ``make generate`` writes
it. What a project's own configuration adds is recorded in its answers by ``sync``.
Added here is what both leave open: UUIDs made by the database, defaults, one account
a provider and person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..answers.additions import ColumnType, StoredTable, parse_additions
from .names import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers import Answers
    from ..answers.additions import StoredColumn

_DERIVED = Path(__file__).with_name("better_auth.json")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; ``default`` is SQL, ``references`` a table whose column it holds."""

    name: str
    type: ColumnType = ColumnType.TEXT
    nullable: bool = False
    default: str | None = None
    unique: bool = False
    references: str | None = None
    references_column: str = "id"
    on_delete: str = "CASCADE"


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index with a name that does not depend on who creates it."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table whose first column, ``id``, is its primary key.

    ``late_keys`` are the columns that refer to a table which comes after this one: in a
    circle of tables one has to be made before what it refers to.
    """

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    late_keys: tuple[str, ...] = ()


# Every row gets its id from the database: better-auth leaves it out of its inserts.
_ID = Column(name="id", type=ColumnType.UUID, default="gen_random_uuid()")
_NOW = "CURRENT_TIMESTAMP"
_MOMENTS = ("created_at", "updated_at")
# Two rows for one account at a provider would make it a matter of luck who signs in.
_UNIQUE_TOGETHER = {"auth_account": ("provider_id", "account_id")}


def field_of(column: str) -> str:
    """Return better-auth's own name of a column: ``emailVerified``."""
    first, *rest = column.split("_")
    return first + "".join(part.title() for part in rest)


def tables_for(answers: Answers) -> tuple[Table, ...]:
    """Return the tables for these answers, each after those that it refers to."""
    unused = unused_tables(answers)
    own = {t.name: t for t in _every_table() if t.name not in unused}
    for table in map(_added, answers.auth_schema_additions):
        known = own.get(table.name)
        own[table.name] = table if known is None else _extended(known, table)
    return _in_order(own)


def unused_tables(answers: Answers) -> frozenset[str]:
    """Return which of the template's tables these answers do not need."""
    return frozenset() if answers.credential == "token" else frozenset({"auth_jwks"})


@cache
def template_tables() -> tuple[StoredTable, ...]:
    """Return every table that any answers need, as better-auth describes it."""
    derived = json.loads(_DERIVED.read_text(encoding="utf-8"))
    return parse_additions(derived["tables"])


@cache
def _every_table() -> tuple[Table, ...]:
    return tuple(
        replace(table, columns=tuple(map(_with_default, table.columns)))
        for table in map(_added, template_tables())
    )


def _with_default(column: Column) -> Column:
    return replace(column, default=_NOW) if column.name in _MOMENTS else column


def _extended(table: Table, by: Table) -> Table:
    """Return a table of the template's with the columns that it does not have."""
    names = {column.name for column in table.columns}
    columns = (column for column in by.columns if column.name not in names)
    indexes = (index for index in by.indexes if index not in table.indexes)
    return replace(
        table,
        columns=(*table.columns, *columns),
        indexes=(*table.indexes, *indexes),
    )


def _in_order(tables: dict[str, Table]) -> tuple[Table, ...]:
    """Return each table after those that it refers to, else in their own order."""
    placed: dict[str, Table] = {}
    begun: set[str] = set()

    def place(name: str) -> None:
        if name in begun or name not in tables:
            return
        begun.add(name)
        for column in tables[name].columns:
            if column.references is not None:
                place(column.references)
        placed[name] = tables[name]

    for name in tables:
        place(name)
    there: set[str] = set()
    ordered: list[Table] = []
    for name, table in placed.items():
        there.add(name)
        late = tuple(
            column.name
            for column in table.columns
            if column.references in tables and column.references not in there
        )
        ordered.append(replace(table, late_keys=late))
    return tuple(ordered)


def _added(table: StoredTable) -> Table:
    return Table(
        name=table.name,
        columns=(_ID, *map(_column, table.columns)),
        indexes=tuple(_indexes(table)),
    )


def _column(stored: StoredColumn) -> Column:
    return Column(
        name=stored.name,
        type=stored.type,
        nullable=stored.nullable,
        default=_default(stored),
        unique=stored.unique,
        references=stored.references,
        references_column=stored.references_column,
        on_delete=stored.on_delete.upper(),
    )


def _default(stored: StoredColumn) -> str | None:
    match stored.default:
        case None:
            return None
        case bool():
            return str(stored.default).lower()
        case int():
            return str(stored.default)
        case "now" if stored.type is ColumnType.TIMESTAMP:
            return _NOW
        case _:
            doubled = stored.default.replace("'", "''")
            return f"'{doubled}'"


def _indexes(table: StoredTable) -> Iterator[Index]:
    for column in table.columns:
        if column.index and not column.unique:
            name = shortened(f"{table.name}_{column.name}_idx")
            yield Index(name=name, columns=(column.name,))
    for index in table.indexes:
        yield Index(name=index.name, columns=index.columns, unique=index.unique)
    if together := _UNIQUE_TOGETHER.get(table.name):
        name = f"{table.name}_{'_'.join(together)}_idx"
        yield Index(name=name, columns=together, unique=True)
