"""The tables that better-auth expects for a set of answers.

``better_auth.json`` is what the pinned better-auth says; ``make generate`` writes
it. Added here is what it leaves open: UUIDs made by the database, defaults, one account
a provider and person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..answers import Answers

_DERIVED = Path(__file__).with_name("better_auth.json")


class Type(Enum):
    """A column type; the value is PostgreSQL's spelling."""

    UUID = "uuid"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamptz"
    INTEGER = "integer"
    BIGINT = "bigint"  # milliseconds since 1970 do not fit an integer


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; ``default`` is SQL, ``references`` a table whose id it holds."""

    name: str
    type: Type = Type.TEXT
    nullable: bool = False
    default: str | None = None
    unique: bool = False
    references: str | None = None


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index with a name that does not depend on who creates it."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table whose first column, ``id``, is its primary key."""

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()


# Every row gets its id from the database: better-auth leaves it out of its inserts.
_ID = Column(name="id", type=Type.UUID, default="gen_random_uuid()")
_DEFAULTS = {
    "created_at": "CURRENT_TIMESTAMP",
    "updated_at": "CURRENT_TIMESTAMP",
    "email_verified": "false",
}
# Two rows for one account at a provider would make it a matter of luck who signs in.
_UNIQUE_TOGETHER = {"auth_account": ("provider_id", "account_id")}


def field_of(column: str) -> str:
    """Return better-auth's own name of a column: ``emailVerified``."""
    first, *rest = column.split("_")
    return first + "".join(part.title() for part in rest)


def tables_for(answers: Answers) -> tuple[Table, ...]:
    """Return the tables for these answers, each after those that it refers to."""
    unused = set() if answers.credential == "token" else {"auth_jwks"}
    return tuple(table for table in _every_table() if table.name not in unused)


@cache
def _every_table() -> tuple[Table, ...]:
    derived = json.loads(_DERIVED.read_text(encoding="utf-8"))
    return tuple(_table(entry["name"], entry["columns"]) for entry in derived["tables"])


def _table(name: str, columns: list[Mapping[str, object]]) -> Table:
    return Table(
        name=name,
        columns=(_ID, *(_column(entry) for entry in columns)),
        indexes=tuple(_indexes(name, columns)),
    )


def _column(entry: Mapping[str, object]) -> Column:
    name, references = str(entry["name"]), entry.get("references")
    return Column(
        name=name,
        type=Type(entry["type"]),
        nullable=bool(entry.get("nullable")),
        default=_DEFAULTS.get(name),
        unique=bool(entry.get("unique")),
        references=None if references is None else str(references),
    )


def _indexes(table: str, columns: list[Mapping[str, object]]) -> Iterator[Index]:
    for entry in columns:
        if entry.get("index"):
            name = str(entry["name"])
            yield Index(name=f"{table}_{name}_idx", columns=(name,))
    if together := _UNIQUE_TOGETHER.get(table):
        name = f"{table}_{'_'.join(together)}_idx"
        yield Index(name=name, columns=together, unique=True)
