"""Columns of the auth tables that every new row must fill, by migrations and models.

Read in the order of the migrations, so that a later one that gives a default, allows
NULL or drops the column counts. Nothing is imported or run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..syntax.python import (
    arguments,
    callee,
    calls,
    descendants,
    line,
    name_of,
    parse,
    string_value,
    text,
    undecorated,
)
from .declared import bare_name, in_order, table_entries, upward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.python import Module
    from .declared import Schema

_FILLED = {"server_default", "primary_key", "autoincrement"}
_FILLED_BY = re.compile(r"\b(?:Identity|Computed|FetchedValue)\(")
_FILLED_IN_SQL = re.compile(r"(?i)\bdefault\b|\bgenerated\b|serial\b|primary\s+key")
_NOT_NULL = re.compile(r"(?i)\bnot\s+null\b")
_CREATE = re.compile(
    r"(?i)\bcreate\s{1,99}table\s{1,99}(?:if\s{1,99}not\s{1,99}exists\s{1,99})?([\w.\"]+)\s*\("
)
_ALTER = re.compile(
    r"(?i)\balter\s{1,99}table\s{1,99}(?:only\s{1,99}|if\s{1,99}exists\s{1,99}){0,2}([\w.\"]{1,200})\s"
)
_ACTION = re.compile(
    r"(?i)(?P<what>add|alter|drop)\s+(?:column\s+)?(?:if\s+(?:not\s+)?exists\s+)?"
    r"\"?(?P<column>\w+)\"?(?P<rest>[^,;]*)"
)
_NO_COLUMN = {"constraint", "primary", "foreign", "unique", "check", "exclude", "like"}


@dataclass(frozen=True, kw_only=True)
class Required:
    """A column that has no default and takes no NULL, with where that is said."""

    table: str
    column: str
    path: str
    line: int


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What one statement makes of a column; ``None`` leaves it as it was."""

    column: Required
    takes_null: bool | None = None
    has_default: bool | None = None
    is_dropped: bool = False


def required_by_migrations(schema: Schema) -> Iterator[Required]:
    """Yield each column that is required when the last migration has run."""
    states: dict[tuple[str, str], tuple[bool, bool, Required]] = {}
    for change in _changes(schema):
        key = change.column.table, change.column.column
        null, default, where = states.get(key, (True, False, change.column))
        if change.is_dropped:
            states.pop(key, None)
            continue
        if change.takes_null is False:
            where = change.column
        null = null if change.takes_null is None else change.takes_null
        default = default if change.has_default is None else change.has_default
        states[key] = null, default, where
    for null, default, where in states.values():
        if not null and not default:
            yield where


def required_by_models(schema: Schema) -> Iterator[Required]:
    """Yield each column that the backend's own models require in an auth table."""
    names = {table.name for table in schema.tables}
    migrations = {revision.path for revision in schema.graph.revisions}
    for path in schema.below(schema.backend, ".py"):
        source = schema.read(path)
        if source is not None and b"auth_" in source and path not in migrations:
            yield from _in_models(path, parse(source), names)


def _changes(schema: Schema) -> Iterator[_Change]:
    names = {table.name for table in schema.tables}
    for revision in in_order(schema.graph):
        for definition in parse(revision.source.encode()).functions():
            if name_of(definition) == "upgrade":
                for call in calls(definition):
                    yield from _operation(revision.path, call, names)
    if schema.versions is not None:
        for path in schema.below(schema.versions, ".sql"):
            yield from _sql(path, 1, upward(schema.text(path) or ""), names)


def _operation(path: str, call: Node, names: set[str]) -> Iterator[_Change]:
    operation = callee(call).rpartition(".")[2]
    given, keywords = arguments(call)
    if operation == "execute":
        for node in descendants(call):
            if node.type == "string":
                yield from _sql(path, line(node), string_value(node) or "", names)
        return
    batch = _batch_table(call)
    table = batch or (string_value(given[0]) if given else None)
    if table not in names:
        return
    rest = given if batch else given[1:]
    if operation in {"create_table", "add_column"}:
        for node in rest:
            if node.type == "call" and callee(node).rpartition(".")[2] == "Column":
                yield from _column(path, table, node)
    name = string_value(rest[0]) if rest else None
    if operation in {"alter_column", "drop_column"} and name:
        default = keywords.get("server_default")
        nullable = text(keywords.get("nullable"))
        yield _Change(
            column=Required(table=table, column=name, path=path, line=line(call)),
            takes_null=None if not nullable else nullable != "False",
            has_default=None if default is None else text(default) not in _NOTHING,
            is_dropped=operation == "drop_column",
        )


_NOTHING = {"None", "False"}


def _batch_table(call: Node) -> str | None:
    """Return the table of ``with op.batch_alter_table(...) as batch`` around a call."""
    receiver = callee(call).rpartition(".")[0]
    node = call.parent
    while node is not None and receiver:
        if node.type == "with_statement":
            for opened in calls(node):
                given, _ = arguments(opened)
                is_batch = callee(opened).endswith("batch_alter_table")
                if is_batch and given and text(node).find(f" as {receiver}") > 0:
                    return string_value(given[0])
        node = node.parent
    return None


def _column(path: str, table: str, node: Node) -> Iterator[_Change]:
    parts, keywords = arguments(node)
    name = string_value(parts[0]) if parts else string_value(keywords.get("name"))
    if not name:
        return
    filled = _FILLED & set(keywords) or _FILLED_BY.search(text(node))
    yield _Change(
        column=Required(table=table, column=name, path=path, line=line(node)),
        takes_null=text(keywords.get("nullable")) != "False",
        has_default=bool(filled),
    )


def _sql(path: str, at: int, sql: str, names: set[str]) -> Iterator[_Change]:
    sql = re.sub(r"--[^\n]*", lambda m: " " * len(m[0]), sql)

    def column(table: str, name: str, offset: int) -> Required:
        where = at + sql.count("\n", 0, offset)
        return Required(table=table, column=name, path=path, line=where)

    for found in _CREATE.finditer(sql):
        table = bare_name(found[1])
        for start, entry in table_entries(sql, found.end()) if table in names else ():
            named = re.match(r"\s*\"?(\w+)", entry)
            if named and named[1].lower() not in _NO_COLUMN:
                yield _Change(
                    column=column(table, named[1], start + named.start(1)),
                    takes_null=_NOT_NULL.search(entry) is None,
                    has_default=_FILLED_IN_SQL.search(entry) is not None,
                )
    for found in _ALTER.finditer(sql):
        table = bare_name(found[1])
        end = sql.find(";", found.end())
        actions = sql[: end if end >= 0 else len(sql)]
        for action in _ACTION.finditer(actions, found.end()) if table in names else ():
            if action["column"].lower() not in _NO_COLUMN:
                yield _altered(column(table, action["column"], action.start()), action)


def _altered(column: Required, action: re.Match[str]) -> _Change:
    rest = " ".join(action["rest"].lower().split())
    match action["what"].lower():
        case "drop":
            return _Change(column=column, is_dropped=True)
        case "add":
            return _Change(
                column=column,
                takes_null=_NOT_NULL.search(rest) is None,
                has_default=_FILLED_IN_SQL.search(rest) is not None,
            )
        case _:
            null = {"set not null": False, "drop not null": True}.get(rest)
            default = True if rest.startswith("set default") else None
            default = False if rest == "drop default" else default
            return _Change(column=column, takes_null=null, has_default=default)


def _in_models(path: str, module: Module, names: set[str]) -> Iterator[Required]:
    for call in module.nodes("call"):
        given, _ = arguments(call)
        table = string_value(given[0]) if given else None
        if callee(call).rpartition(".")[2] == "Table" and table in names and table:
            for node in given[1:]:
                if node.type == "call" and callee(node).endswith("Column"):
                    for change in _column(path, table, node):
                        if not change.takes_null and not change.has_default:
                            yield change.column
    for node in module.classes():
        body = undecorated(node).child_by_field_name("body")
        fields = (
            [n for n in descendants(body) if n.type == "assignment"] if body else []
        )
        table = next((t for f in fields if (t := _table_name(f)) in names), None)
        for field in fields if table else ():
            if table is not None and _is_required(field):
                name = text(field.child_by_field_name("left"))
                yield Required(table=table, column=name, path=path, line=line(field))


def _table_name(field: Node) -> str | None:
    if text(field.child_by_field_name("left")) != "__tablename__":
        return None
    return string_value(field.child_by_field_name("right"))


def _is_required(field: Node) -> bool:
    """Return True for a mapped field whose column is NOT NULL, without a default."""
    annotation = text(field.child_by_field_name("type"))
    value = field.child_by_field_name("right")
    made = (
        callee(value).rpartition(".")[2]
        if value is not None and value.type == ("call")
        else ""
    )
    if made not in {"mapped_column", "Column", "Field"} or value is None:
        return False
    _, keywords = arguments(value)
    if _FILLED & set(keywords) or _FILLED_BY.search(text(value)):
        return False
    if "server_default" in text(value) or "primary_key" in text(value):
        return False
    nullable = text(keywords.get("nullable"))
    if nullable:
        return nullable == "False"
    is_mapped = annotation.startswith(("Mapped[", "orm.Mapped["))
    has_none = "Optional" in annotation or "None" in annotation
    return bool(annotation) and (is_mapped or made == "Field") and not has_none
