"""What a revision's operations do to the columns of some tables; nothing is run."""

from __future__ import annotations

import re
from dataclasses import replace
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
)
from .column_changes import ColumnChange
from .sql_columns import sql_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from tree_sitter import Node

_FILLED = frozenset({"server_default", "primary_key", "autoincrement"})
_FILLED_BY = re.compile(r"\b(?:Identity|Computed|FetchedValue)\(")
_NO_DEFAULT = frozenset({"None", "False"})


def alembic_columns(
    path: str, source: str, tables: Collection[str]
) -> Iterator[ColumnChange]:
    """Yield what ``upgrade`` does to the columns of ``tables``, in its order."""
    if not any(table in source for table in tables):
        return
    module = parse(source.encode())
    constants = {found.target: found.value for found in module.assignments()}
    for definition in module.functions():
        if name_of(definition) == "upgrade":
            for call in calls(definition):
                for change in _operation(call, tables, constants):
                    yield replace(change, path=path)


def column_of(table: str, call: Node) -> ColumnChange | None:
    """Return what ``Column("name", type, ...)`` declares; ``None`` without a name."""
    given, keywords = arguments(call)
    named = given[0] if given else keywords.get("name")
    name = string_value(named)
    if not name:
        return None
    kind = given[1] if len(given) > 1 else keywords.get("type_")
    return typed(
        ColumnChange(
            action="declare",
            table=table,
            column=name,
            path="",
            line=line(call),
            takes_null=text(keywords.get("nullable")) != "False",
            has_default=is_filled(call),
        ),
        kind,
    )


def is_filled(call: Node) -> bool:
    """Return True if the database fills a column that is not given."""
    _, keywords = arguments(call)
    written = text(call)
    return bool(
        _FILLED & set(keywords)
        or _FILLED_BY.search(written)
        or "server_default" in written
        or "primary_key" in written
    )


def typed(change: ColumnChange, kind: Node | None) -> ColumnChange:
    """Return ``change`` with the type that is written."""
    if kind is None:
        return change
    written = text(kind)
    name = re.split(r"[(\[]", written, maxsplit=1)[0].rpartition(".")[2].lower()
    zoned = name == "timestamptz" or "timezone=True" in written.replace(" ", "")
    return replace(change, type=name, zoned=zoned)


def _operation(
    call: Node, tables: Collection[str], constants: Mapping[str, Node]
) -> Iterator[ColumnChange]:
    operation = callee(call).rpartition(".")[2]
    if operation == "execute":
        yield from _executed(call, tables, constants)
        return
    given, _ = arguments(call)
    batch = _batch_table(call)
    table = batch or (string_value(given[0]) if given else None)
    if table not in tables or table is None:
        return
    rest = given if batch else given[1:]
    if operation in {"create_table", "add_column"}:
        for node in rest:
            is_column = node.type == "call" and callee(node).endswith("Column")
            if is_column and (change := column_of(table, node)):
                yield change
    elif operation == "drop_table":
        yield ColumnChange(
            action="drop", table=table, column="", path="", line=line(call)
        )
    elif operation == "rename_table" and (new_name := _first(rest)):
        yield ColumnChange(
            action="rename",
            table=table,
            column="",
            new_name=new_name,
            path="",
            line=line(call),
        )
    elif operation in {"alter_column", "drop_column"} and rest:
        yield from _altered(call, table, string_value(rest[0]))


def _first(nodes: Sequence[Node]) -> str | None:
    return string_value(nodes[0]) if nodes else None


def _executed(
    call: Node, tables: Collection[str], constants: Mapping[str, Node]
) -> Iterator[ColumnChange]:
    """Yield what the SQL of ``op.execute`` does, a module's constant's too."""
    given, _ = arguments(call)
    for node in (*descendants(call), *(constants.get(text(n)) for n in given)):
        if node is not None and node.type == "string":
            for change in sql_columns(string_value(node) or "", tables):
                yield replace(change, line=change.line + line(node) - 1)


def _altered(call: Node, table: str, column: str | None) -> Iterator[ColumnChange]:
    if not column:
        return
    _, keywords = arguments(call)
    if callee(call).endswith("drop_column"):
        yield ColumnChange(
            action="drop", table=table, column=column, path="", line=line(call)
        )
        return
    default = keywords.get("server_default")
    nullable = text(keywords.get("nullable"))
    change = ColumnChange(
        action="alter",
        table=table,
        column=column,
        path="",
        line=line(call),
        takes_null=None if not nullable else nullable != "False",
        has_default=None if default is None else text(default) not in _NO_DEFAULT,
    )
    yield typed(change, keywords.get("type_"))
    if new_name := string_value(keywords.get("new_column_name")):
        yield replace(change, action="rename", new_name=new_name)


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
