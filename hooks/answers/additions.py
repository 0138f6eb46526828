"""What better-auth's configuration stores beyond the template, as ``sync`` found it.

Recorded as the answer ``auth_schema_additions``, so that every template and every
update renders the same tables and fields. It is written into Python, TypeScript and
SQL, and a repository may come from anybody: nothing but names and numbers gets through.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    TypeAdapter,
)

from .record_problem import record_problem

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def _named(value: str) -> str:
    if not _NAME.fullmatch(value):
        message = "a name has letters, digits and _ alone, 63 at most"
        raise ValueError(message)
    return value


Name = Annotated[str, AfterValidator(_named)]


class ColumnType(StrEnum):
    """A column's type; the value is PostgreSQL's spelling."""

    UUID = "uuid"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamptz"
    INTEGER = "integer"
    BIGINT = "bigint"  # milliseconds since 1970 do not fit an integer
    JSON = "jsonb"


class StoredColumn(BaseModel):
    """One column, by PostgreSQL's type.

    ``field`` is better-auth's own name of it; ``default`` is what rows get that are
    there already, ``now`` in a column of moments. ``values`` are the only ones that a
    text may have, ``items`` the type of what a list in JSON holds. One that is not
    ``returned`` is a secret of better-auth's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    type: ColumnType
    field: Name | None = None
    nullable: StrictBool = False
    unique: StrictBool = False
    index: StrictBool = False
    references: Name | None = None
    references_column: Name = "id"
    on_delete: Literal[
        "cascade", "set null", "restrict", "no action", "set default"
    ] = "cascade"
    default: StrictBool | int | Annotated[str, Field(max_length=500)] | None = None
    values: tuple[str, ...] = ()
    items: Literal["text", "integer"] | None = None
    returned: StrictBool = True


class StoredIndex(BaseModel):
    """An index over several columns, by the name that better-auth gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    columns: tuple[Name, ...]
    unique: StrictBool = False


class StoredTable(BaseModel):
    """A table; it also has a column ``id``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    columns: tuple[StoredColumn, ...] = ()
    indexes: tuple[StoredIndex, ...] = ()


_TABLES = TypeAdapter(tuple[StoredTable, ...])


def parse_additions(value: object) -> tuple[StoredTable, ...]:
    """Validate what an answers file records; raises pydantic's ``ValidationError``."""
    return _TABLES.validate_python(value or ())


def additions_problem(value: object) -> str:
    """Say why recorded additions are invalid; empty if they are valid."""
    return record_problem(parse_additions, value)


def recorded(tables: tuple[StoredTable, ...]) -> list[dict[str, object]]:
    """Return what an answers file says of them: nothing that is as usual."""
    return [table.model_dump(mode="json", exclude_defaults=True) for table in tables]
