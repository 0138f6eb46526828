"""better-auth's own description of what it stores, as tables.

The description is what ``getAuthTables`` says of a configuration, with each field as
data; ``hooks/probe`` asks for it. One translation serves the pinned better-auth
(``better_auth.json``) and every project's own configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..answers.additions import ColumnType, StoredTable, parse_additions
from .tables import field_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TYPES = {
    "string": ColumnType.TEXT,
    "boolean": ColumnType.BOOLEAN,
    "date": ColumnType.TIMESTAMP,
    "json": ColumnType.JSON,
    "string[]": ColumnType.JSON,
    "number[]": ColumnType.JSON,
}
_ITEMS = {"string[]": "text", "number[]": "integer"}


@dataclass(frozen=True, kw_only=True)
class News:
    """What a configuration stores, compared with the last time it was asked.

    ``added`` and ``gone`` are tables and ``table.column``s: new, and stored no more,
    which stay unless they are to be dropped. What is ``changed`` is of another type or
    rule than before, for which nothing is migrated. What is ``renamed`` keeps its rows,
    as ``old=new``; ``maybe_renamed`` only looks so. What is ``kept`` was there before,
    by better-auth's own names; ``unasked`` is why the database did not say what is.
    ``version`` is better-auth's.
    """

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    maybe_renamed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unasked: str = ""
    version: str = ""


class UnknownSchemaError(ValueError):
    """A description that cannot be a table here; its text says which and why."""


def stored_tables(models: Sequence[Mapping[str, Any]]) -> tuple[StoredTable, ...]:
    """Return the tables of a description; raises ``UnknownSchemaError``."""
    try:
        return _stored_tables(models)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        message = f"better-auth's description cannot be read ({error!r})"[:200]
        raise UnknownSchemaError(message) from None


def _stored_tables(models: Sequence[Mapping[str, Any]]) -> tuple[StoredTable, ...]:
    # A reference names a model, by better-auth's name or by its table's, and a field.
    known = {str(model["table"]): model for model in models}
    known |= {str(model["key"]): model for model in models}
    tables: dict[str, dict[str, Any]] = {}
    for model in models:
        table = tables.setdefault(str(model["table"]), _table(model))
        have = {column["name"] for column in table["columns"]}
        columns = [_column(model, field, known) for field in model["fields"]]
        table["columns"] += [c for c in columns if c["name"] not in have]
    try:
        return parse_additions(tuple(tables.values()))
    except ValidationError as error:
        first = error.errors()[0]
        number, *inside = first["loc"]
        name = tuple(tables)[int(number)]
        place = ".".join(map(str, (name, *inside)))
        message = f"{place} is {str(first['input'])[:80]!r}: {first['msg']}"
        raise UnknownSchemaError(message) from None


def beyond(
    tables: Iterable[StoredTable], others: Iterable[StoredTable]
) -> tuple[StoredTable, ...]:
    """Return the tables, columns and indexes that ``others`` do not have."""
    own = {table.name: table for table in others}
    found: list[StoredTable] = []
    for table in tables:
        known = own.get(table.name)
        if known is None:
            found.append(table)
            continue
        names = {column.name for column in known.columns}
        columns = tuple(c for c in table.columns if c.name not in names)
        indexes = tuple(i for i in table.indexes if i not in known.indexes)
        if columns or indexes:
            further = StoredTable(name=table.name, columns=columns, indexes=indexes)
            found.append(further)
    return tuple(found)


def _table(model: Mapping[str, Any]) -> dict[str, Any]:
    indexes = [
        {
            "name": index["name"],
            "columns": tuple(index["columns"]),
            "unique": bool(index.get("unique")),
        }
        for index in model["indexes"]
    ]
    return {
        "name": str(model["table"]),
        "columns": [],
        "indexes": tuple(indexes),
    }


def _column(
    model: Mapping[str, Any],
    field: Mapping[str, Any],
    known: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    own = str(field["name"])
    name = str(field.get("fieldName") or own)
    column: dict[str, Any] = {"name": name, "type": _type(model, field)}
    if own != field_of(name):
        column["field"] = own
    if field.get("required") is False:
        column["nullable"] = True
    for mark in ("unique", "index"):
        if field.get(mark):
            column[mark] = True
    if field.get("returned") is False:
        column["returned"] = False
    column |= _restricted(field)
    if references := field.get("references"):
        other, to = known.get(references["model"]), str(references.get("field", "id"))
        column["references"] = other["table"] if other else references["model"]
        if to == "id":
            column["type"] = ColumnType.UUID
        else:
            column["references_column"] = _column_of(other, to)
        if (on_delete := references.get("onDelete", "cascade")) != "cascade":
            column["on_delete"] = on_delete
    return column


def _column_of(model: Mapping[str, Any] | None, field: str) -> str:
    """Return the column in which a model keeps a field."""
    fields = model["fields"] if model else ()
    named = (str(f.get("fieldName") or field) for f in fields if f["name"] == field)
    return next(named, field)


def _restricted(field: Mapping[str, Any]) -> dict[str, Any]:
    """Return which values a field may have, and which it has by default."""
    kind, default = field["type"], field.get("defaultValue")
    found: dict[str, Any] = {}
    if isinstance(kind, list):
        found["values"] = tuple(map(str, kind))
    elif kind in _ITEMS:
        found["items"] = _ITEMS[kind]
    is_plain = isinstance(kind, list) or kind in {"string", "number", "boolean"}
    is_now = kind == "date" and default == "now"
    if is_now or (is_plain and isinstance(default, bool | int | str)):
        found["default"] = default
    return found


def _type(model: Mapping[str, Any], field: Mapping[str, Any]) -> ColumnType:
    kind = field["type"]
    if isinstance(kind, list):
        return ColumnType.TEXT
    if kind == "number":
        return ColumnType.BIGINT if field.get("bigint") else ColumnType.INTEGER
    try:
        return _TYPES[kind]
    except KeyError:
        message = f"{model['key']}.{field['name']} has the type {kind!r}"
        raise UnknownSchemaError(message) from None
