"""What migrations have made already, read from their text: Alembic's or SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..syntax.python import arguments, callee, parse, string_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_S = r"\s{1,99}"
_NAME = r"(?:\"?\w{1,99}\"?\.)?\"?%s\"?"
_CREATE = rf"(?i)create{_S}table{_S}(?:if{_S}not{_S}exists{_S})?{_NAME}\b"
_ADD = rf"(?i)alter{_S}table{_S}(?:only{_S})?{_NAME}{_S}add{_S}(?:column{_S})?"
_NOT_COLUMNS = frozenset(
    {"primary", "unique", "constraint", "foreign", "check", "exclude", "like"}
)


def creates_table(migration: str, table: str) -> bool:
    """Return True if a migration creates ``table``, by operation or in SQL."""
    name = re.escape(table)
    operation = rf"create_table\(\s{{0,99}}[\"']{name}[\"']"
    return bool(re.search(operation, migration) or re.search(_CREATE % name, migration))


def columns_written(migrations: Sequence[str], table: str) -> frozenset[str] | None:
    """Return the columns that ``table`` gets; ``None`` where that cannot be read."""
    found = {
        name
        for migration in migrations
        if table in migration
        for name in (*_by_operations(migration, table), *_by_sql(migration, table))
    }
    return frozenset(found) or None


def _by_operations(migration: str, table: str) -> Iterator[str]:
    if "op." not in migration:
        return
    for call in parse(migration.encode()).nodes("call"):
        operation = callee(call).rpartition(".")[2]
        positional, _ = arguments(call)
        if operation not in {"create_table", "add_column"} or not positional:
            continue
        if string_value(positional[0]) != table:
            continue
        for argument in positional[1:]:
            if argument.type == "call" and callee(argument).endswith("Column"):
                name = string_value(next(iter(arguments(argument)[0]), None))
                if name is not None:
                    yield name


def _by_sql(migration: str, table: str) -> Iterator[str]:
    name = re.escape(table)
    for match in re.finditer(rf"{_CREATE % name}\s{{0,99}}\(", migration):
        for part in _parts(migration[match.end() :]):
            word = re.match(r"\s{0,99}\"?(\w+)\"?\s{1,99}\w", part)
            if word and word[1].lower() not in _NOT_COLUMNS:
                yield word[1]
    pattern = rf"{_ADD % name}(?:if{_S}not{_S}exists{_S})?\"?(\w{{1,99}})\"?{_S}\w"
    for match in re.finditer(pattern, migration):
        if match[1].lower() not in _NOT_COLUMNS:
            yield match[1]


def _parts(body: str) -> Iterator[str]:
    """Split what follows an opening parenthesis at its commas, up to its end."""
    depth, start = 0, 0
    for position, character in enumerate(body):
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif character == ")" or (character == "," and not depth):
            yield body[start:position]
            start = position + 1
            if character == ")":
                return
