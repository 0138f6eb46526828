"""What an older set-up calls by better-auth's own names, which it keeps.

``names.ts`` gives plugins this project's names. Where their tables and columns were
made before it was there, the names are the ones that have the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .names import index_name, snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    Models = Sequence[Mapping[str, Any]]
    ColumnsOf = Callable[[str], Mapping[str, bool]]


def kept_names(
    models: Models, fixed: Collection[str], columns_of: ColumnsOf
) -> Iterator[str]:
    """Yield tables by better-auth's names, and single columns as ``session.fooBar``.

    ``fixed`` are the tables that are known; ``columns_of`` says which columns a table
    has, none where it is not there, and of each whether it can hold a UUID. Where ids
    are of another type, all of it is better-auth's own, and carried over.
    """
    for model in models:
        key, table = str(model["key"]), str(model["table"])
        there = columns_of(table)
        if table == f"auth_{snake_case(key)}" and table not in fixed and not there:
            earlier = columns_of(key)
            has_all = earlier.get("id", False) and {*_filled(model)} <= {*earlier}
            if has_all and all(_takes_ids(field, earlier) for field in model["fields"]):
                yield key
            continue
        for field in model["fields"]:
            name, column = str(field["name"]), _column(field)
            is_named = column != name and column == snake_case(name)
            is_there = name in there and column not in there
            if is_named and is_there and _takes_ids(field, there):
                yield f"{key}.{name}"


def by_kept_names(
    models: Models, kept: Collection[str]
) -> tuple[Mapping[str, Any], ...]:
    """Return the models as better-auth describes them once these names are kept."""
    return tuple(_kept(model, kept) for model in models)


def _kept(model: Mapping[str, Any], kept: Collection[str]) -> Mapping[str, Any]:
    key = str(model["key"])
    names = {
        _column(field): str(field["name"])
        for field in model["fields"]
        if key in kept or f"{key}.{field['name']}" in kept
    }
    if not names:
        return model
    fields = [
        {**field, "fieldName": names.get(_column(field), _column(field))}
        for field in model["fields"]
    ]
    table = key if key in kept else str(model["table"])
    indexes = [
        _kept_index(index, str(model["table"]), table, names)
        for index in model["indexes"]
    ]
    return {**model, "table": table, "fields": fields, "indexes": indexes}


def _kept_index(
    index: Mapping[str, Any], was: str, table: str, names: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return an index over the kept columns; a name made of table and columns, too."""
    unique = bool(index.get("unique"))
    before = [str(column) for column in index["columns"]]
    columns = [names.get(column, column) for column in before]
    name = index["name"]
    if name == index_name(was, before, unique=unique):
        name = index_name(table, columns, unique=unique)
    return {**index, "name": name, "columns": columns}


def _filled(model: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that every row has."""
    for field in model["fields"]:
        if field.get("required") is not False:
            yield str(field["name"])


def _takes_ids(field: Mapping[str, Any], columns: Mapping[str, bool]) -> bool:
    """Return False if a field refers to an id, and its column cannot hold a UUID."""
    references = field.get("references")
    if not references or references.get("field", "id") != "id":
        return True
    return columns.get(str(field["name"]), True)


def _column(field: Mapping[str, Any]) -> str:
    return str(field.get("fieldName") or field["name"])
