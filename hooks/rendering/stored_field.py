"""A field that better-auth's configuration adds, as Python and tokens have it."""

from __future__ import annotations

import json
import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..answers.additions import ColumnType, parse_additions
from ..schema.names import shortened, snake_case
from ..schema.tables import field_of

if TYPE_CHECKING:
    from ..answers.additions import StoredColumn

_TYPES = {
    ColumnType.TEXT: "str",
    ColumnType.BOOLEAN: "bool",
    ColumnType.TIMESTAMP: "datetime",
    ColumnType.INTEGER: "int",
    ColumnType.BIGINT: "int",
    ColumnType.UUID: "UUID",
    ColumnType.JSON: "Any",
}
_ITEMS = {"text": "list[str]", "integer": "list[int]"}
# Names that the dataclasses have already, and those that their annotations need.
_WORDS = {"field", "str", "bool", "int", "list", "datetime", "UUID", "Any", "Literal"}
_TAKEN = {
    "auth_user": {"id", "email", "email_verified", "name", "image"} | _WORDS,
    "auth_session": {"id", "expires_at", "user", "token"} | _WORDS,
}
# What a token says already: of itself, of its person, of its session.
_CLAIMS = {"exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti"} | {
    *("email", "email_verified", "name")
}
_DEFAULTS = {
    ColumnType.TEXT: str,
    ColumnType.BOOLEAN: bool,
    ColumnType.INTEGER: int,
    ColumnType.BIGINT: int,
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: its name in Python, its column, and better-auth's name for it."""

    name: str
    column: StoredColumn
    table: str

    @property
    def claim(self) -> str:
        """Its name in a token, where a session's never hides a person's."""
        own = self.table == "auth_session" or self.name in _CLAIMS
        return self.alias if own else self.name

    @property
    def alias(self) -> str:
        """Its name in what the look-up returns."""
        return shortened(f"{self.table.removeprefix('auth_')}_{self.name}")

    @property
    def source(self) -> str:
        """better-auth's own name."""
        return self.column.field or field_of(self.column.name)

    @property
    def type(self) -> str:
        """Its type in Python."""
        column = self.column
        if column.values:
            kind = f"Literal[{', '.join(map(literal, column.values))}]"
        elif column.items:
            kind = _ITEMS[column.items]
        else:
            kind = _TYPES[column.type]
        return f"{kind} | None" if column.nullable and kind != "Any" else kind

    @property
    def declaration(self) -> str:
        """Its line in the dataclass."""
        column = self.column
        if column.nullable:
            return f"{self.name}: {self.type} = None"
        if type(column.default) is _DEFAULTS.get(column.type):
            return f"{self.name}: {self.type} = {literal(column.default)}"
        return f"{self.name}: {self.type} = field(kw_only=True)"

    @property
    def is_keyword_only(self) -> bool:
        """Whether it must be given, because nothing says what it is by default."""
        return self.declaration.endswith(" = field(kw_only=True)")


def fields_of(additions: object, table: str) -> tuple[Field, ...]:
    """Return the fields that a table's additions are to Python; secrets are none."""
    tables = additions if isinstance(additions, tuple) else parse_additions(additions)
    found: dict[str, Field] = {}
    for stored in tables:
        for column in stored.columns if stored.name == table else ():
            name = _name(column.name, table)
            while name in found:
                name = f"{name}_"
            if column.returned:
                found[name] = Field(name=name, column=column, table=table)
    return tuple(found.values())


def _name(column: str, table: str) -> str:
    name = snake_case(column)
    if not name.isidentifier():
        name = f"field_{name}"
    if keyword.iskeyword(name) or name in _TAKEN.get(table, ()):
        return f"{name}_"
    return name


def literal(value: object) -> str:
    """Return a value as Python writes it; strings as JSON does, which is the same."""
    if isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
