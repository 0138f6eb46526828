"""The names of the tables that a migration makes, changes and drops, read by patterns.

They are asked of every migration of a project, so that nothing is parsed for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .sql_columns import upward

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_S = r"\s{1,99}"
_GIVEN = r"\(\s{0,99}[\"'](\w{1,99})[\"']"
_SQL_NAME = r"(?:[\"`]?\w{1,99}[\"`]?\.)?[\"`]?(\w{1,99})"
_RENAMED = (
    rf"rename_table{_GIVEN}\s{{0,99}},\s{{0,99}}[\"'](\w{{1,99}})[\"']"
    rf"|(?i:alter{_S}table{_S}(?:if{_S}exists{_S})?{_SQL_NAME}[\"`]?{_S}"
    rf"rename{_S}to{_S}[\"`]?(\w{{1,99}}))"
)
_RENAMING = re.compile(_RENAMED)
_MADE = re.compile(
    rf"create_table{_GIVEN}"
    rf"|{_RENAMED}"
    rf"|(?i:create{_S}(?:(?:temp|temporary|unlogged){_S})?table{_S}"
    rf"(?:if{_S}not{_S}exists{_S})?{_SQL_NAME})"
)
_DROPPED = re.compile(
    rf"(?:drop_table|rename_table){_GIVEN}"
    rf"|(?i:alter{_S}table{_S}(?:if{_S}exists{_S})?{_SQL_NAME}[\"`]?{_S}rename{_S}to\b)"
    rf"|(?i:drop{_S}table{_S}(?:if{_S}exists{_S})?{_SQL_NAME})"
)
_CHANGED = re.compile(
    rf"\b(?:add_column|alter_column|drop_column|batch_alter_table){_GIVEN}"
    rf"|\bdrop_constraint\(\s{{0,99}}[^,()]{{1,199}},\s{{0,99}}[\"'](\w{{1,99}})[\"']"
)
_UPGRADE = re.compile(r"(?s)^def upgrade\b.*?(?=^def |\Z)", re.MULTILINE)


def made_tables(migration: str) -> Iterator[tuple[str, int]]:
    """Yield the tables that are created or get their name, each with its line."""
    for name, at in _named(_MADE, migration):
        yield name, 1 + migration.count("\n", 0, at)


def dropped_tables(migration: str) -> set[str]:
    """Return the tables that are gone, or have another name, after the way up."""
    way_up = _upward(migration)
    made = dict(_named(_MADE, way_up))
    return {name for name, at in _named(_DROPPED, way_up) if made.get(name, -1) < at}


def with_earlier_names(
    migrations: Sequence[str], tables: Collection[str]
) -> frozenset[str]:
    """Return the names of these tables, and those that they had before."""
    names = {*tables}
    for migration in reversed(migrations):
        for old, new in reversed([*_renamings(migration)]):
            if new in names:
                names.add(old)
    return frozenset(names)


def _renamings(migration: str) -> Iterator[tuple[str, str]]:
    if "rename" in migration.lower():
        for found in _RENAMING.finditer(_upward(migration)):
            old, new = (name for name in found.groups() if name)
            yield old, new


def changed_tables(migration: str) -> Iterator[str]:
    """Yield the tables that a revision changes by an operation on the way up."""
    for name, _ in _named(_CHANGED, _upward(migration)):
        yield name


def _upward(migration: str) -> str:
    upgrade = _UPGRADE.search(migration)
    return upgrade[0] if upgrade else upward(migration)


def _named(pattern: re.Pattern[str], migration: str) -> Iterator[tuple[str, int]]:
    for found in pattern.finditer(migration):
        if found.lastindex:
            yield found[found.lastindex], found.start(found.lastindex)
