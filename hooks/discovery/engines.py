"""Find what opens the database: an engine or pool object, else what makes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import callee, calls, line, name_of, text
from .sources import symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .sources import Sources

_SQLALCHEMY = frozenset({"create_engine", "create_async_engine"})
# What opens a database without SQLAlchemy; only code that imports it counts.
_OTHERS = {
    "create_pool": "asyncpg",
    "AsyncConnectionPool": "psycopg_pool",
    "ConnectionPool": "psycopg_pool",
    "Tortoise.init": "tortoise",
    "register_tortoise": "tortoise",
    "RegisterTortoise": "tortoise",
}
# Engines of commands and data loaders are not what handlers use.
_ENGINE = re.compile(r"\bengine\b")
_ASIDE = re.compile(r"(^|/)(cli|commands?|tests?|seeds?|tools|jobs|workers?)(/|\.py$)")
_INSTANCE, _FUNCTION, _CLASS = range(3)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """One thing that opens the database; ``kind`` orders objects before makers."""

    kind: int
    name: str
    file: str
    line: int
    takes_arguments: bool = False
    in_container: bool = False
    is_async: bool | None = None


def find_engine(
    sources: Sources,
    files: list[str],
    application: Application,
    loaded: Loaded,
    *,
    wanted: bool | None,
) -> tuple[Fact[str], bool]:
    """Return the engine's symbol, and whether it is the object itself.

    A function or a class that makes engines is named where no module holds one.
    ``wanted`` is whether handlers await their sessions, where that is known: a second
    engine is there for something else.
    """
    makers = _makers(sources, files)
    found = [*_instances(sources, files, makers), *_functions(sources, files, makers)]
    if not found:
        return Fact(), False
    importers = Importers(sources, files)

    def rank(one: _Found) -> tuple[object, ...]:
        imported = importers.count(one.file, one.name)
        by_use = (one.name.startswith("_"), not imported, one.takes_arguments)
        place = (one.file.count("/"), one.file, one.line)
        others = one.is_async is not None and wanted is not None
        return (
            _ASIDE.search(one.file) is not None,
            one.file not in loaded,
            others and one.is_async != wanted,
            one.kind,
            *by_use,
            -imported,
            *place,
        )

    best = found[0] if len(found) == 1 else min(found, key=rank)
    why = "makes the engine" if best.kind == _INSTANCE else "makes engines"
    fact = Fact(
        value=symbol(application.import_root, best.file, best.name),
        confidence=Confidence.CERTAIN if len(found) == 1 else Confidence.LIKELY,
        evidence=(Evidence(path=best.file, line=best.line, why=why),),
    )
    return fact, best.kind == _INSTANCE and not best.in_container


class Importers:
    """How many of these modules import a name of a file."""

    def __init__(self, sources: Sources, files: Iterable[str]) -> None:
        """Remember where to look; nothing is counted yet."""
        self._sources = sources
        self._files = dict.fromkeys(files)
        self._modules: dict[str, tuple[str, ...]] = {}

    def count(self, file: str, name: str) -> int:
        """Return how many modules import ``name`` from ``file``, as far as it shows."""
        stem = f"/{file.removesuffix('.py')}"
        stems = {stem, stem.removesuffix("/__init__")}
        return sum(
            any(one.endswith(f"/{module}") for one in stems)
            for module in self._imported_from(name)
        )

    def _imported_from(self, name: str) -> tuple[str, ...]:
        """Return the module of each import of a name, as a path."""
        if name not in self._modules:
            self._modules[name] = tuple(
                found.module.replace(".", "/")
                for file in self._files
                if name in (self._sources.repository.text(file) or "")
                for found in self._sources.module(file).imports
                if found.name == name
            )
        return self._modules[name]


def _makers(sources: Sources, files: list[str]) -> frozenset[str]:
    """Name every call that makes an engine, wrappers of wrappers included."""
    names: set[str] = set()
    for name in files:
        source = sources.repository.text(name) or ""
        names |= {word for word in _SQLALCHEMY if f"{word}(" in source}
        names |= {
            word
            for word, package in _OTHERS.items()
            if f"{word}(" in source and package in source
        }
    while names:
        wrappers = {
            name_of(function)
            for name in files
            if _mentions(sources, name, names)
            for function in sources.module(name).functions()
            if _returns_engine(function, names)
        }
        if wrappers <= names:
            break
        names |= wrappers
    return frozenset(names)


def _returns_engine(function: Node, makers: set[str]) -> bool:
    annotated = text(function.child_by_field_name("return_type"))
    if re.search(r"\b(Async)?Engine\b(?!\w)", annotated) and "Session" not in annotated:
        return any(_is_maker(call, makers) for call in calls(function))
    body = text(function.child_by_field_name("body"))
    return any(
        re.search(rf"return\s{{1,99}}(?:\w+\()?{re.escape(m)}\(", body) for m in makers
    )


def _instances(
    sources: Sources, files: list[str], makers: frozenset[str]
) -> Iterator[_Found]:
    for name in files:
        if not _mentions(sources, name, makers):
            continue
        for assignment in sources.module(name).assignments():
            value = assignment.value
            made = [*([value] if value.type == "call" else []), *calls(value)]
            if any(_is_maker(call, makers) for call in made):
                for target in _targets(assignment.target):
                    yield _Found(
                        kind=_INSTANCE,
                        name=target,
                        file=name,
                        line=line(assignment.node),
                        in_container=value.type != "call" or "," in assignment.target,
                        is_async=_is_async(made),
                    )


def _is_async(made: Iterable[Node]) -> bool | None:
    """Return whether SQLAlchemy's own function makes it; ``None`` for another one."""
    for call in made:
        name = callee(call).rpartition(".")[2]
        if name in _SQLALCHEMY:
            return name == "create_async_engine"
    return None


def _targets(written: str) -> list[str]:
    """Split ``engine, make_session = ...`` and keep what can be an engine."""
    names = [part.strip(" ()") for part in written.split(",")]
    names = [name for name in names if name.isidentifier()]
    return [n for n in names if len(names) == 1 or "engine" in n.lower()][:1]


def _functions(
    sources: Sources, files: list[str], makers: frozenset[str]
) -> Iterator[_Found]:
    for name in files:
        if not _mentions(sources, name, makers):
            continue
        module = sources.module(name)
        for definition in (*module.functions(), *module.classes()):
            if not any(_is_maker(call, makers) for call in calls(definition)):
                continue
            is_class = definition.type == "class_definition"
            if not is_class and not _hands_out(definition, makers):
                continue
            parameters = definition.child_by_field_name("parameters")
            taken = parameters.named_children if parameters is not None else ()
            yield _Found(
                kind=_CLASS if is_class else _FUNCTION,
                name=name_of(definition),
                file=name,
                line=line(definition),
                takes_arguments=any(
                    p.type == "identifier" or "default" not in p.type for p in taken
                ),
            )


def _hands_out(function: Node, makers: frozenset[str]) -> bool:
    """Return True if a function makes an engine for others, not for itself."""
    body = text(function)
    if "yield" in body:
        return False
    opens = any(_is_maker(call, frozenset(_OTHERS)) for call in calls(function))
    return (
        opens
        or _returns_engine(function, set(makers))
        or any(
            _ENGINE.search(written.partition("return")[2])
            for written in body.split("\n")
        )
    )


def _is_maker(call: Node, makers: frozenset[str] | set[str]) -> bool:
    called = callee(call)
    return called in makers or called.rpartition(".")[2] in makers


def _mentions(sources: Sources, name: str, words: Iterable[str]) -> bool:
    source = sources.repository.text(name) or ""
    return any(f"{word}(" in source for word in words)
