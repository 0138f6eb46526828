"""The types that migrations and models give to the columns of the auth tables.

Revisions and SQL files are read in their order, so that a later one that changes a
type counts; nothing is imported or run. A type that is not known is not judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schema.tables import Type
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from ..schema.tables import Table
    from ..syntax.python import Module
    from .graph import Graph, Revision

# SQLAlchemy's and PostgreSQL's names, in lower case, by what better-auth can use them
# for. A timestamp without time zone is a time too; BA008 is about the zone.
_FITTING: dict[Type, frozenset[str]] = {
    Type.TEXT: frozenset(
        {"text", "string", "unicode", "unicodetext", "varchar", "autostring"}
        | {"character varying", "str", "citext"}
    ),
    Type.UUID: frozenset({"uuid", "guid"}),
    Type.BOOLEAN: frozenset({"boolean", "bool"}),
    Type.TIMESTAMP: frozenset({"datetime", "timestamp", "timestamptz"}),
    Type.INTEGER: frozenset({"integer", "int", "int4", "bigint", "biginteger", "int8"}),
    Type.BIGINT: frozenset({"bigint", "biginteger", "int8"}),
}
_KNOWN = frozenset().union(*_FITTING.values()) | frozenset(
    {"inet", "cidr", "macaddr", "date", "time", "float", "numeric", "json", "jsonb"}
    | {"smallint", "smallinteger", "largebinary", "bytea", "char", "double precision"}
)


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What makes the tables of a project: its revisions, SQL files and models.

    ``versions`` is the folder of the project's migrations, ``None`` where it has none.
    ``below`` lists the files of a folder by the ends of their names; ``read`` and
    ``text`` return one.
    """

    tables: tuple[Table, ...]
    graph: Graph
    versions: str | None
    backend: str
    below: Callable[[str, str], list[str]]
    read: Callable[[str], bytes | None]
    text: Callable[[str], str | None]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One column as a file declares it; ``type`` is in lower case, without length."""

    table: str
    column: str
    type: str
    zoned: bool
    path: str
    line: int


def fits(declared: Declared, wanted: Type) -> bool:
    """Return True if better-auth can use a column of that type."""
    return declared.type not in _KNOWN or declared.type in _FITTING[wanted]


def in_migrations(schema: Schema) -> dict[tuple[str, str], Declared]:
    """Return each column of the auth tables as the last migration leaves it."""
    found: dict[tuple[str, str], Declared] = {}
    for declared in _migrated(schema):
        found[declared.table, declared.column] = declared
    return found


def in_models(schema: Schema) -> Iterator[Declared]:
    """Yield the columns that the backend's own models give to the auth tables."""
    names = {table.name for table in schema.tables}
    for path in schema.below(schema.backend, ".py"):
        source = schema.read(path)
        if source is None or b"auth_" not in source or path in _revision_paths(schema):
            continue
        yield from _modelled(path, parse(source), names)


def _revision_paths(schema: Schema) -> set[str]:
    return {revision.path for revision in schema.graph.revisions}


def _migrated(schema: Schema) -> Iterator[Declared]:
    names = {table.name for table in schema.tables}
    for revision in in_order(schema.graph):
        module = parse(revision.source.encode())
        for definition in module.functions():
            if name_of(definition) == "upgrade":
                yield from _operations(revision.path, definition, names)
    if schema.versions is not None:
        for path in schema.below(schema.versions, ".sql"):
            yield from _statements(path, 1, upward(schema.text(path) or ""), names)


def upward(sql: str) -> str:
    """Return the part of a SQL migration that is run on the way up."""
    return re.split(r"(?i)--\s{0,99}(?:migrate:|\+\w+\s{1,99})down", sql)[0]


def in_order(graph: Graph) -> Iterator[Revision]:
    """Yield each revision after those that it follows."""
    waiting = list(graph.revisions)
    known = {revision.id for revision in waiting}
    done: set[str] = set()
    while waiting:
        ready = [r for r in waiting if not (set(r.down) & known) - done] or waiting[:1]
        for revision in ready:
            yield revision
            done.add(revision.id)
            waiting.remove(revision)


def _operations(path: str, body: Node, names: set[str]) -> Iterator[Declared]:
    for call in calls(body):
        operation = callee(call).rpartition(".")[2]
        given, keywords = arguments(call)
        first = string_value(given[0]) if given else None
        if operation == "execute":
            sql = next((n for n in descendants(call) if n.type == "string"), None)
            if sql is not None:
                yield from _statements(path, line(sql), string_value(sql) or "", names)
        if first not in names:
            continue
        if operation in {"create_table", "add_column"}:
            yield from _columns(path, first, given)
        elif operation == "alter_column" and len(given) > 1 and "type_" in keywords:
            column = string_value(given[1])
            if column:
                yield _declared(path, first, column, keywords["type_"])


def _columns(path: str, table: str, given: list[Node]) -> Iterator[Declared]:
    for node in given:
        if node.type == "call" and callee(node).rpartition(".")[2] == "Column":
            parts, keywords = arguments(node)
            column = string_value(parts[0]) if parts else None
            kind = parts[1] if len(parts) > 1 else keywords.get("type_")
            if column and kind is not None:
                yield _declared(path, table, column, kind)


def _declared(path: str, table: str, column: str, kind: Node) -> Declared:
    written = text(kind)
    name = re.split(r"[(\[]", written, maxsplit=1)[0].rpartition(".")[2].lower()
    return Declared(
        table=table,
        column=column,
        type=name,
        zoned=name == "timestamptz" or "timezone=True" in written.replace(" ", ""),
        path=path,
        line=line(kind),
    )


_S = r"\s{1,99}"
_CREATE = re.compile(
    rf"(?i)create{_S}table{_S}(?:if{_S}not{_S}exists{_S})?([\w.\"]+)\s{{0,99}}\("
)
_ALTER = re.compile(
    rf"(?i)alter{_S}table{_S}(?:only{_S})?(?:if{_S}exists{_S})?(?:only{_S})?"
    rf"([\w.\"]+){_S}([^;]*)"
)
_TYPED = re.compile(
    rf"(?i)(?:alter{_S}(?:column{_S})?\"?(\w+)\"?{_S}(?:set{_S}data{_S})?type"
    rf"|add{_S}(?:column{_S})?(?:if{_S}not{_S}exists{_S})?\"?(\w+)\"?){_S}([a-z][\w ]*)"
)
_COLUMN = re.compile(r"^\s{0,99}\"?(\w+)\"?\s{1,99}([a-zA-Z][\w ]*)")
_CONSTRAINTS = {
    "primary",
    "foreign",
    "unique",
    "constraint",
    "check",
    "exclude",
    "like",
}


def _statements(path: str, at: int, sql: str, names: set[str]) -> Iterator[Declared]:
    sql = re.sub(r"--[^\n]*", lambda m: " " * len(m[0]), sql)
    for found in _CREATE.finditer(sql):
        table = bare_name(found[1])
        if table in names:
            for start, entry in table_entries(sql, found.end()):
                column = _COLUMN.match(entry)
                if column and column[1].lower() not in _CONSTRAINTS:
                    where = at + sql.count("\n", 0, start + column.start(1))
                    yield _from_sql(path, where, table, column[1], column[2])
    for found in _ALTER.finditer(sql):
        table = bare_name(found[1])
        for typed in _TYPED.finditer(found[2]) if table in names else ():
            where = at + sql.count("\n", 0, found.start(2) + typed.start())
            yield _from_sql(path, where, table, typed[1] or typed[2], typed[3])


def table_entries(sql: str, start: int) -> Iterator[tuple[int, str]]:
    """Split what is within the parentheses of CREATE TABLE at its commas."""
    depth, begin = 0, start
    for at in range(start, len(sql)):
        character = sql[at]
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif character == ")":
            yield begin, sql[begin:at]
            return
        elif character == "," and not depth:
            yield begin, sql[begin:at]
            begin = at + 1


def _from_sql(path: str, at: int, table: str, column: str, rest: str) -> Declared:
    words = rest.lower().split()
    two = " ".join(words[:2])
    kind = two if two in {"character varying", "double precision"} else words[0]
    zoned = kind == "timestamptz" or "with time zone" in " ".join(words)
    return Declared(
        table=table, column=column, type=kind, zoned=zoned, path=path, line=at
    )


def bare_name(name: str) -> str:
    """Return a name of SQL without its quotes and its schema."""
    return name.replace('"', "").rpartition(".")[2]


def _modelled(path: str, module: Module, names: set[str]) -> Iterator[Declared]:
    for call in module.nodes("call"):
        given, _ = arguments(call)
        if callee(call).rpartition(".")[2] == "Table" and given:
            table = string_value(given[0])
            if table in names:
                yield from _columns(path, table, given)
    for node in module.classes():
        body = undecorated(node).child_by_field_name("body")
        if body is None:
            continue
        fields = [n for n in descendants(body) if n.type == "assignment"]
        table = next((t for f in fields if (t := _table_name(f)) in names), None)
        for field in fields if table is not None else ():
            kind = _field_type(field)
            if kind is not None and table is not None:
                column = text(field.child_by_field_name("left"))
                yield _declared(path, table, column, kind)


def _table_name(field: Node) -> str | None:
    if text(field.child_by_field_name("left")) != "__tablename__":
        return None
    return string_value(field.child_by_field_name("right"))


def _field_type(field: Node) -> Node | None:
    """Return the type in ``mapped_column(X)``, ``Column(X)``, ``Field(sa_type=X)``."""
    value = field.child_by_field_name("right")
    if value is None or value.type != "call":
        return None
    given, keywords = arguments(value)
    if "sa_column" in keywords and keywords["sa_column"].type == "call":
        given, keywords = arguments(keywords["sa_column"])
    typed = keywords.get("sa_type") or keywords.get("type_")
    positional = (n for n in given if n.type != "string")
    first = next(positional, None)
    is_key = first is not None and "ForeignKey" in text(first)
    return typed or (None if is_key else first)
