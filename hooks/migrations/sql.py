"""The auth tables as plain SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..schema.arguments import foreign_key_name, unique_name
from ..schema.names import LONGEST, quoted, shortened
from ..schema.triggers import DROP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..schema.tables import Column, Index, Table
    from .change import AddedColumn, SchemaChange


def statements(change: SchemaChange) -> str:
    """Return the SQL that makes ``change``."""
    return "\n".join(_back(change)) + "\n" if change.drops else _forth(change)


def _forth(change: SchemaChange) -> str:
    first, last = change.columns_around_tables
    parts = ["\n".join(f"{one.sql};" for one in change.renames)]
    parts += [_filled(one, "DROP") for one in change.loosened]
    parts += [_add(added) for added in first]
    parts += [part for table in change.tables for part in _create(table)]
    parts += [
        f"ALTER TABLE {quoted(table)} ADD CONSTRAINT "
        f"{quoted(foreign_key_name(table, column))} "
        f"FOREIGN KEY ({quoted(column.name)}) {_reference(column)};"
        for table, column in change.late_keys
    ]
    parts += [_add(added) for added in last]
    parts += [_index(table, index) for table, index in change.indexes]
    parts += [f"{statement};" for statement in change.statements]
    return "\n\n".join(filter(None, parts)) + "\n"


# What divides a file into its two directions, by the tool that reads it.
_DIRECTIONS = (
    ("-- migrate:up", "-- migrate:down"),  # dbmate
    ("-- +goose Up", "-- +goose Down"),
    ("-- +migrate Up", "-- +migrate Down"),  # sql-migrate
)
_STATEMENTS = ("-- +goose", "-- +migrate")


def migration_file(change: SchemaChange, others: str) -> str:
    """Return a migration file in the form of the project's ``others``."""
    up = statements(change)
    for begins_up, begins_down in _DIRECTIONS:
        if begins_up in others:
            down = _forth(change) if change.drops else "\n".join(_back(change))
            text = f"{begins_up}\n{up}\n{begins_down}\n{down}\n"
            return _marked(change, text, begins_up.removesuffix(" Up"))
    return up


def _marked(change: SchemaChange, text: str, mark: str) -> str:
    """Mark what has a semicolon within, where the tool ends a statement at any."""
    if mark not in _STATEMENTS:
        return text
    keys = [one for one in change.renames if one.kind == "constraint"]
    blocks = [*change.triggers[:1], *(one.sql for one in keys)]
    begin, end = (f"{mark} Statement{side}" for side in ("Begin", "End"))
    for block in dict.fromkeys((*blocks, *(one.back.sql for one in keys))):
        text = text.replace(f"{block};", f"{begin}\n{block};\n{end}")
    return text


def _back(change: SchemaChange) -> Iterator[str]:
    if change.triggers:
        yield f"{DROP};"
    for added in reversed(change.columns):
        column = quoted(added.column.name)
        yield f"ALTER TABLE {quoted(added.table)} DROP COLUMN {column};"
    for name, late in change.late_keys:
        key = quoted(foreign_key_name(name, late))
        yield f"ALTER TABLE {quoted(name)} DROP CONSTRAINT {key};"
    tables = reversed(change.tables)
    yield from (f"DROP TABLE {quoted(table.name)};" for table in tables)
    yield from (f"{one.back.sql};" for one in reversed(change.renames))
    yield from (_filled(one, "SET") for one in change.loosened)


def _add(added: AddedColumn) -> str:
    column = _column(added.table, added.column)
    return f"ALTER TABLE {quoted(added.table)} ADD COLUMN {column};"


def _filled(changed: AddedColumn, verb: str) -> str:
    table, column = quoted(changed.table), quoted(changed.column.name)
    return f"ALTER TABLE {table} ALTER COLUMN {column} {verb} NOT NULL;"


def _create(table: Table) -> Iterator[str]:
    columns = ",\n".join(
        f"    {_column(table.name, column, has_key=column.name not in table.late_keys)}"
        for column in table.columns
    )
    yield f"CREATE TABLE {quoted(table.name)} (\n{columns}\n);"
    yield from (_index(table.name, index) for index in table.indexes)


def _column(table: str, column: Column, *, has_key: bool = True) -> str:
    parts = [quoted(column.name), column.type.value]
    if column.name == "id":
        parts.append(_rule(shortened(f"{table}_pkey"), "PRIMARY KEY"))
    elif not column.nullable:
        parts.append("NOT NULL")
    if column.default:
        parts.append(f"DEFAULT {column.default}")
    if column.unique:
        parts.append(_rule(unique_name(table, column), "UNIQUE"))
    if column.references and has_key:
        parts.append(_rule(foreign_key_name(table, column), _reference(column)))
    return " ".join(parts)


def _rule(name: str, rule: str) -> str:
    """Return a rule, with its name where PostgreSQL would cut a long one itself."""
    return rule if len(name) < LONGEST else f"CONSTRAINT {quoted(name)} {rule}"


def _reference(column: Column) -> str:
    to = f"{quoted(column.references or '')} ({quoted(column.references_column)})"
    return f"REFERENCES {to} ON DELETE {column.on_delete}"


def _index(table: str, index: Index) -> str:
    kind = "UNIQUE INDEX" if index.unique else "INDEX"
    columns = ", ".join(map(quoted, index.columns))
    return f"CREATE {kind} {quoted(index.name)} ON {quoted(table)} ({columns});"
