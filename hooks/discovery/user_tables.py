"""Find the tables that hold users, in models, migrations and Node schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..migrations.table_names import dropped_tables, made_tables
from ..model import Confidence, Evidence, Fact
from ..repository.paths import below
from ..syntax.lines import numbered
from ..syntax.python import (
    assignments_of,
    body_statements,
    line,
    name_of,
    string_value,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from .application import Application
    from .sources import Sources

_USER_TABLE = re.compile(
    r"(?i)^(?:\w+_)?(?:auth_?)?users?$|^(?:account|admin|member|customer|person)s?$"
)
_SPEAKS_OF_TABLES = (
    "__tablename__",
    "table=",
    "table =",
    "BaseUserTable",
    "Model",
    "TimestampMixin",
)
_NAMES = (
    re.compile(r"class[ \t]+(\w+)"),
    re.compile(r"__tablename__[^\"'\n]{0,255}[\"'](\w+)[\"']"),
    re.compile(r"table\s{0,99}=\s{0,99}[\"'](\w+)"),
)
_PRISMA = re.compile(r"model[ \t]+(\w+)[ \t]*\{")
_MAPPED = re.compile(r"@@map\(\s{0,99}\"(\w+)\"")
_DRIZZLE = re.compile(r"\b(?:pg|mysql|sqlite)Table\(\s{0,99}[\"'](\w+)[\"']")
_META_TABLE = re.compile(r"table\s{0,99}=\s{0,99}[\"'](\w+)")


def find_user_tables(
    sources: Sources, application: Application, versions_dir: str | None
) -> Fact[tuple[str, ...]]:
    """Return the names of user tables: from models, else from what made the tables."""
    for places in (
        _in_models(sources, application),
        _in_migrations(sources, versions_dir),
        _in_node_schemas(sources),
    ):
        found: dict[str, Evidence] = {}
        for table, evidence in places:
            if table is None:  # named at run time: better unknown than wrong
                return Fact(problem="table names are computed", evidence=(evidence,))
            if _USER_TABLE.match(table):
                found.setdefault(table, evidence)
        if users := [table for table in found if "user" in table.lower()]:
            found = {table: found[table] for table in users}
        if found:
            return Fact(
                value=tuple(sorted(found)),
                confidence=Confidence.LIKELY,
                evidence=tuple(found.values()),
            )
    return Fact()


def _in_models(
    sources: Sources, application: Application
) -> Iterator[tuple[str | None, Evidence]]:
    for name in below(sources.python, application.import_root):
        source = sources.repository.text(name) or ""
        if "cls.__tablename__ =" in source:
            yield None, Evidence(path=name, why="changes the names of all tables")
        if not _may_have_users(source):
            continue
        for definition in sources.module(name).classes():
            table = _table_of(definition)
            if table:
                why = "is a table of users"
                yield table, Evidence(path=name, line=line(definition), why=why)


def _may_have_users(source: str) -> bool:
    """Return True if a table there may be one of users; others need no parsing."""
    if not any(word in source for word in _SPEAKS_OF_TABLES):
        return False
    if "BaseUserTable" in source:
        return True
    return any(
        _USER_TABLE.match(name) for found in _NAMES for name in found.findall(source)
    )


def _table_of(definition: Node) -> str | None:
    """Return a model's table, or ``None`` for a class that is no table."""
    bases = text(definition.child_by_field_name("superclasses")).replace(" ", "")
    for statement in body_statements(definition):
        for assignment in assignments_of(statement):
            if assignment.target == "__tablename__":
                return string_value(assignment.value)
    if "BaseUserTable" in bases:
        return "user"
    if "table=True" in bases:
        return name_of(definition).lower()
    return _tortoise_table(definition, bases)


def _tortoise_table(definition: Node, bases: str) -> str | None:
    if not re.search(r"\b(?:models\.)?Model\b|TimestampMixin", bases):
        return None
    _, inside, meta = text(definition).partition("class Meta")
    if inside and (named := _META_TABLE.search(meta)):
        return named[1]
    return name_of(definition).lower() if "models.Model" in bases else None


def _in_migrations(
    sources: Sources, versions_dir: str | None
) -> Iterator[tuple[str, Evidence]]:
    """Yield what migrations create and none drops."""
    if versions_dir is None:
        return
    repository = sources.repository
    created: dict[str, Evidence] = {}
    dropped: set[str] = set()
    for name in below(repository.files, versions_dir):
        content = repository.text(name) or ""
        dropped.update(dropped_tables(content))
        for table, number in made_tables(content):
            place = Evidence(path=name, line=number, why="creates it")
            created.setdefault(table, place)
    yield from ((t, place) for t, place in created.items() if t not in dropped)


def _in_node_schemas(sources: Sources) -> Iterator[tuple[str, Evidence]]:
    repository = sources.repository
    for name in repository.files:
        if name.endswith(".prisma"):
            for table, number in _prisma_tables(repository.text(name) or ""):
                place = Evidence(path=name, line=number, why="is Prisma's model")
                yield table, place
        elif name.endswith(".ts") and "schema" in name:
            content = repository.text(name) or ""
            for found, number in numbered(_DRIZZLE, content):
                place = Evidence(path=name, line=number, why="is Drizzle's table")
                yield found[1], place


def _prisma_tables(content: str) -> Iterator[tuple[str, int]]:
    """Yield the table of each model that is closed, and the line that begins it."""
    name, began = "", 0
    for number, written in enumerate(content.split("\n"), 1):
        if not began and (model := _PRISMA.match(written)):
            name, began = model[1], number
        elif began and written.startswith("}"):
            yield name, began
            began = 0
        elif began and (mapped := _MAPPED.search(written)):
            name = mapped[1]
