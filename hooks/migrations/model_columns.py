"""The columns that SQLAlchemy and SQLModel classes and tables declare."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..syntax.python import (
    arguments,
    callee,
    descendants,
    line,
    parse,
    string_value,
    text,
    undecorated,
)
from .alembic_columns import column_of, is_filled, typed
from .column_changes import ColumnChange

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tree_sitter import Node


def model_columns(
    path: str, source: bytes, tables: Collection[str]
) -> Iterator[ColumnChange]:
    """Yield what the models of a file declare in ``tables``."""
    module = parse(source)
    for call in module.nodes("call"):
        given, _ = arguments(call)
        table = string_value(given[0]) if given else None
        if callee(call).rpartition(".")[2] == "Table" and table in tables and table:
            for node in given[1:]:
                is_column = node.type == "call" and callee(node).endswith("Column")
                if is_column and (change := column_of(table, node)):
                    yield replace(change, path=path)
    for node in module.classes():
        body = undecorated(node).child_by_field_name("body")
        fields = (
            [n for n in descendants(body) if n.type == "assignment"] if body else []
        )
        table = next((t for f in fields if (t := _table_name(f)) in tables), None)
        for field in fields if table else ():
            if table and (change := _field(table, field)):
                yield replace(change, path=path)


def _table_name(field: Node) -> str | None:
    if text(field.child_by_field_name("left")) != "__tablename__":
        return None
    return string_value(field.child_by_field_name("right"))


def _field(table: str, field: Node) -> ColumnChange | None:
    """Return what ``mapped_column(...)``, ``Column(...)``, ``Field(...)`` declare."""
    value = field.child_by_field_name("right")
    if value is None or value.type != "call":
        return None
    change = ColumnChange(
        action="declare",
        table=table,
        column=text(field.child_by_field_name("left")),
        path="",
        line=line(field),
        takes_null=_takes_null(field, value),
        has_default=is_filled(value),
    )
    return typed(change, _type(value))


def _type(value: Node) -> Node | None:
    """Return the type in ``mapped_column(X)``, ``Column(X)``, ``Field(sa_type=X)``."""
    given, keywords = arguments(value)
    if "sa_column" in keywords and keywords["sa_column"].type == "call":
        given, keywords = arguments(keywords["sa_column"])
    named = keywords.get("sa_type") or keywords.get("type_")
    first = next((n for n in given if n.type != "string"), None)
    is_key = first is not None and "ForeignKey" in text(first)
    return named or (None if is_key else first)


def _takes_null(field: Node, value: Node) -> bool:
    """Return whether a field takes NULL, by ``nullable`` or else its annotation."""
    made = callee(value).rpartition(".")[2]
    if made not in {"mapped_column", "Column", "Field"}:
        return True  # what another function makes of it is not known
    _, keywords = arguments(value)
    if nullable := text(keywords.get("nullable")):
        return nullable != "False"
    annotation = text(field.child_by_field_name("type"))
    is_mapped = annotation.startswith(("Mapped[", "orm.Mapped["))
    has_none = "Optional" in annotation or "None" in annotation
    is_declared = bool(annotation) and (is_mapped or made == "Field")
    return has_none or not is_declared
