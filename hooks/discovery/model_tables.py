"""Find the tables that models stand for, with names that mixins and libraries make.

A class is followed to its bases through imports, so that a schema of requests called
``User`` is no table, and ``class User(Base)`` is the one that ``Base`` names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Evidence
from ..syntax.python import (
    arguments,
    assignments_of,
    body_statements,
    callee,
    line,
    name_of,
    string_value,
    text,
    undecorated,
)
from .class_hierarchy import Class, Hierarchy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from .sources import Sources

_PASSWORD = re.compile(r"(?m)^[ \t]+\w{0,20}(?:password|passwd|pwd)\w{0,20}\s{0,9}[:=]")
_PERSON = re.compile(
    r"(?m)^[ \t]+\w{0,20}(?:e?mail|user_?name|login)\w{0,9}\s{0,9}[:=]"
)
_MACHINE = re.compile(r"(?m)^[ \t]+\w{0,20}(?:host|port|smtp|dsn)\w{0,20}\s{0,9}[:=]")
_INNER = re.compile(
    r"\b(?:table|table_name|tablename|collection|name)\s{0,9}[=:]\s{0,9}"
)
_META = re.compile(r"class (?:Meta|Settings|Collection)\b|\bmeta\s{0,9}=|ormar_config")
_STRING = re.compile(r"[\"']([\w.$-]+)[\"']")
_SNAKE = re.compile(
    r"(?i)snake|depascal|decamel|underscore|table_?name\(|re\.(?:sub|split)"
)
_PLURAL = re.compile(r"(?i)\+\s{0,9}[\"']s[\"']|\}s[\"']|plural|inflect")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# How a library names the table of a class that does not say it: the class's name in
# lower case, with underscores, as it is, or in lower case with an s.
_LIBRARIES = {
    "peewee": "lower",
    "tortoise": "lower",
    "beanie": "as it is",
    "mongoengine": "snake",
    "odmantic": "snake",
    "ormar": "plural",
    "piccolo": "snake",
}
_MODELS = {"Model", "Document", "Table", "models.Model", "BaseDocument"}
_ABSTRACT = re.compile(r"\babstract\b[\"']?\s{0,9}[=:]\s{0,9}True")
_NO_MODEL = re.compile(
    r"\b(?:\w*Enum|\w*Exception|\w*Error|ABC|Protocol|\w*Settings)\b"
)


@dataclass(frozen=True, kw_only=True)
class ModelTable:
    """A table with its class; no name where only a run knows it."""

    name: str | None
    class_name: str
    has_password: bool
    evidence: Evidence


def model_tables(
    sources: Sources, files: list[str], import_root: str
) -> Iterator[ModelTable]:
    """Yield the tables of the models in these files."""
    search = _Search(Hierarchy(sources, import_root))
    for name in files:
        source = sources.repository.text(name) or ""
        if "class " not in source and "Table(" not in source:
            continue
        for node in sources.module(name).classes():
            yield from search.table(Class(file=name, node=node))
        if "Table(" in source:
            yield from _core(sources, name)


class _Search:
    """Finds out what the table of a class is called."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._sources = hierarchy.sources
        self._above = hierarchy.above

    def table(self, one: Class) -> Iterator[ModelTable]:
        self._sources.repository.check_time()
        body = text(one.node)
        named, is_known = self._name(one)
        if is_known:
            is_person = _PERSON.search(body) and not _MACHINE.search(body)
            yield ModelTable(
                name=named,
                class_name=name_of(one.node),
                # A base of fastapi-users brings the column.
                has_password="BaseUserTable" in body
                or bool(is_person and _PASSWORD.search(body)),
                evidence=Evidence(
                    path=one.file, line=line(one.node), why="is a table of users"
                ),
            )

    def _name(self, one: Class) -> tuple[str | None, bool]:
        """Return the table, and whether the class is one."""
        bases = text(one.node.child_by_field_name("superclasses")).replace(" ", "")
        for statement in body_statements(one.node):
            for assignment in assignments_of(statement):
                if assignment.target == "__tablename__":
                    named = string_value(assignment.value)
                    return named, named is not None or "Base" not in name_of(one.node)
        if "BaseUserTable" in bases:
            return "user", True
        if not bases or _NO_MODEL.search(bases):
            return None, False
        return self._derived(one, bases)

    def _derived(self, one: Class, bases: str) -> tuple[str | None, bool]:
        """Return what the classes above make of the name, else the library."""
        own, above = name_of(one.node), self._above(one)
        is_mapped = "table=True" in bases or _has_columns(one.node)
        rules = [_declared_name(ancestor.node) for ancestor in (one, *above)]
        rule = next(filter(None, rules), None)
        if rule is not None and is_mapped:
            return _by_rule(rule, own), True
        if "table=True" in bases:
            return own.lower(), True
        library = self._library([one, *above])
        if library is None or _ABSTRACT.search(text(one.node)):
            return None, False
        return self._of_library(one, library, bases), True

    def _of_library(self, one: Class, library: str, bases: str) -> str | None:
        given = re.search(r"tablename=[\"'](\w+)", bases)
        if given:
            return given[1]
        meta = _META.search(text(one.node))
        if meta:
            inside = text(one.node)[meta.start() :]
            for found in _INNER.finditer(inside):
                if named := _STRING.match(inside, found.end()):
                    return named[1]
        own = name_of(one.node)
        rule = _LIBRARIES[library]
        return own if rule == "as it is" else _by_rule(rule, own)

    def _library(self, chain: list[Class]) -> str | None:
        """Return the library whose model one of these classes is derived from."""
        for one in chain:
            bases = one.node.child_by_field_name("superclasses")
            for base in bases.named_children if bases is not None else ():
                written = text(base)
                for found in self._sources.module(one.file).imports:
                    top = found.module.partition(".")[0]
                    if top not in _LIBRARIES or found.level:
                        continue
                    qualified = f"{found.alias}.{written.rpartition('.')[2]}"
                    is_model = written.rpartition(".")[2] in _MODELS
                    if is_model and written in {found.alias, qualified}:
                        return top
        return None


def _core(sources: Sources, name: str) -> Iterator[ModelTable]:
    """Yield SQLAlchemy Core's tables: ``users = Table("users", metadata, ...)``."""
    for assignment in sources.module(name).assignments():
        if callee(assignment.value).rpartition(".")[2] != "Table":
            continue
        given, _ = arguments(assignment.value)
        named = string_value(given[0]) if given else None
        if named is not None:
            yield ModelTable(
                name=named,
                class_name=assignment.target,
                has_password="password" in text(assignment.value),
                evidence=Evidence(
                    path=name, line=line(assignment.node), why="is a table of users"
                ),
            )


def _has_columns(node: Node) -> bool:
    return re.search(r"\b(?:mapped_column|Column|Mapped)\b", text(node)) is not None


def _declared_name(node: Node) -> str | None:
    """Return the body of the function that names the tables of subclasses."""
    for statement in body_statements(node):
        function = undecorated(statement)
        if function.type == "function_definition" and (
            name_of(function) == "__tablename__"
        ):
            return text(function.child_by_field_name("body"))
    return None


def _by_rule(rule: str, name: str) -> str | None:
    """Return what a function makes of a class's name; ``None`` where unclear."""
    snake = _CAMEL.sub("_", name).lower()
    if rule in {"lower", "snake", "plural"}:
        lower = name.lower()
        return {"lower": lower, "snake": snake, "plural": f"{lower}s"}[rule]
    if "__name__" not in rule:
        return None
    ending = "s" if _PLURAL.search(rule) else ""
    if _SNAKE.search(rule):
        return f"{snake}{ending}"
    return f"{name.lower()}{ending}" if ".lower()" in rule else None
