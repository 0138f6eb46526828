"""Find what the application reads its configuration from.

An instance of pydantic's BaseSettings, at any remove; an object of Dynaconf, of
Starlette's Config or of environs; else a dataclass that the environment fills.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import callee, calls, line, name_of, text
from .engines import Importers
from .sources import symbol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tree_sitter import Node

    from ..fastapi_code.import_graph import Loaded
    from ..syntax.python import Module
    from .application import Application
    from .sources import Sources

# What other packages read a configuration with, by the module that it comes from.
_READERS = {
    "dynaconf": {"Dynaconf", "LazySettings"},
    "starlette.config": {"Config"},
    "environs": {"Env"},
    "environ": {"Env"},
    "dotenv": {"dotenv_values"},
    "omegaconf": {"OmegaConf.load"},
    "configparser": {"ConfigParser", "RawConfigParser"},
    "decouple": {"AutoConfig", "Config"},
}
# What else is read with these; a configuration is called by its name.
_ALSO_READ = frozenset({"dotenv", "configparser", "omegaconf"})
_RECORD = re.compile(r"\b(?:BaseModel|NamedTuple|Struct|TypedDict)\b")
_DECORATOR = re.compile(r"\b(?:dataclass|define|frozen|attrs?|attr\.s)\b")
_FROM_ENVIRONMENT = re.compile(
    r"\b(?:getenv|environ)\b|\benv(?:\.\w{1,20})?\(\s{0,9}[\"']|=\s{0,9}config\(\s{0,9}[\"']"
)
_CONFIGURES = re.compile(
    r"(^|/)(?:[^/]{0,99}(?:settings?|config|conf|environment)[^/]{0,99}"
    r"|(?:settings?|config|conf|core)/[^/]{1,99})\.py$"
)
_WORD = re.compile(r"\w+")
_NAMED = re.compile(r"(?i)settings?$|^config(s|uration)?$|config$|^env(ironment)?$")
_INSTANCE, _GETTER, _CLASS = range(3)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """One thing that could be the settings; ``kind`` orders objects before the rest."""

    kind: int
    path: str
    name: str
    node: Node


def find_settings(
    sources: Sources, application: Application, loaded: Loaded
) -> Fact[str]:
    """Return the object that most of the loaded modules import, else what makes it."""
    files = [*loaded.files]
    found = _holding(sources, files)
    if not found and not (loaded.is_all and len(files) > 1):
        files = loaded.first(sources.below(application.import_root))
        found = _holding(sources, files)
    if not found:
        return Fact()
    importers = Importers(sources, files)
    started_with = {i.name for i in sources.module(application.file).imports}

    def rank(one: _Found) -> tuple[object, ...]:
        used = importers.count(one.path, one.name)
        by_use = (one.name not in started_with, -used)
        named = (one.name != "settings", _NAMED.search(one.name) is None)
        return (*by_use, one.kind, *named, one.path.count("/"))

    best = min(found, key=rank)
    evidence = (
        Evidence(path=best.path, line=line(best.node), why="holds the settings"),
    )
    return Fact(
        value=symbol(application.import_root, best.path, best.name),
        confidence=Confidence.CERTAIN if len(found) == 1 else Confidence.LIKELY,
        evidence=evidence,
    )


def _holding(sources: Sources, files: list[str]) -> list[_Found]:
    """Return the objects, else the functions that make one, else the classes."""
    classes = _settings_classes(sources, files)
    found = [*_instances(sources, files, classes), *_readers(sources, files)]
    if not found and classes:
        classes |= _wholes(sources, files, classes)
        found = [*_instances(sources, files, classes)]
    found = found or [*_getters(sources, files, classes)]
    found = found or [
        _Found(kind=_CLASS, path=path, name=name, node=node)
        for name, (path, node) in classes.items()
    ]
    return found or [*_by_hand(sources, files)]


def _settings_classes(
    sources: Sources, files: list[str]
) -> dict[str, tuple[str, Node]]:
    """Return the subclasses of pydantic's BaseSettings, at any remove, by name."""
    bases: dict[str, tuple[str, Node, set[str]]] = {}
    for name in files:
        if "Settings" not in (sources.repository.text(name) or ""):
            continue
        for definition in sources.module(name).classes():
            listed = text(definition.child_by_field_name("superclasses"))
            parents = set(re.findall(r"[A-Za-z_]\w*", listed))
            bases.setdefault(name_of(definition), (name, definition, parents))
    found: dict[str, tuple[str, Node]] = {}
    known = {"BaseSettings"}
    while True:
        new = {n for n, (_, _, up) in bases.items() if up & known and n not in known}
        if not new:
            return found
        known |= new
        found |= {n: bases[n][:2] for n in bases if n in new}


def _wholes(
    sources: Sources, files: list[str], classes: dict[str, tuple[str, Node]]
) -> dict[str, tuple[str, Node]]:
    """Return the records whose parts are settings: ``db: DatabaseSettings``."""
    return {
        name_of(definition): (name, definition)
        for name in files
        if any(word in (sources.repository.text(name) or "") for word in classes)
        for definition in sources.module(name).classes()
        if _NAMED.search(name_of(definition))
        and _is_record(definition)
        and classes.keys() & {*_WORD.findall(text(definition))}
    }


def _instances(
    sources: Sources, files: list[str], classes: dict[str, tuple[str, Node]]
) -> Iterator[_Found]:
    """Yield what holds an object of these classes, made there or by a function."""
    if not classes:
        return
    for name in files:
        content = sources.repository.text(name) or ""
        by_place = "settings" in content and _CONFIGURES.search(name) is not None
        if not by_place and not any(word in content for word in classes):
            continue
        module = sources.module(name)
        defined = module.nodes("function_definition")
        makers = {name_of(node) for node in defined if _hands_out(node, classes)}
        for assignment in module.assignments():
            if assignment.value.type != "call":
                continue
            called = callee(assignment.value).rpartition(".")[2]
            target = assignment.target
            is_placed = by_place and target == "settings"
            if called in classes or is_placed or called in makers:
                yield _Found(
                    kind=_INSTANCE, path=name, name=target, node=assignment.node
                )


def _hands_out(function: Node, classes: Collection[str]) -> bool:
    annotated = text(function.child_by_field_name("return_type")).strip("'\"")
    if annotated in classes:
        return True
    body = text(function.child_by_field_name("body"))
    returned = re.findall(r"\breturn\s{1,9}([\w.]+)", body)
    made = {w.partition(".")[0] for w in returned}
    if made & set(classes):
        return True
    return any(
        re.search(
            rf"\b{re.escape(word)}\s{{0,9}}(?::[^=\n]{{0,99}})?=\s{{0,9}}(\w+)\(", body
        )
        and any(callee(call) in classes for call in calls(function))
        for word in made
        if word.isidentifier()
    )


def _getters(
    sources: Sources, files: list[str], classes: dict[str, tuple[str, Node]]
) -> Iterator[_Found]:
    """Yield the functions that return the settings; what only reads them is none."""
    for name in files:
        if not any(w in (sources.repository.text(name) or "") for w in classes):
            continue
        for function in sources.module(name).functions():
            if _hands_out(function, classes):
                target = name_of(function)
                yield _Found(kind=_GETTER, path=name, name=target, node=function)


def _readers(sources: Sources, files: list[str]) -> Iterator[_Found]:
    """Yield the objects of packages that read a configuration."""
    for name in files:
        content = sources.repository.text(name) or ""
        if not any(package in content for package in _READERS):
            continue
        module = sources.module(name)
        makers = _makers(module)
        for assignment in module.assignments():
            made = {callee(one) for one in (assignment.value, *calls(assignment.value))}
            packages = {makers[one] for one in made if one in makers}
            target = assignment.target
            is_called_so = _NAMED.search(target) is not None and target.isidentifier()
            if packages - _ALSO_READ or (packages and is_called_so):
                yield _Found(
                    kind=_INSTANCE, path=name, name=target, node=assignment.node
                )


def _makers(module: Module) -> dict[str, str]:
    """Return what a module calls to read a configuration, each with its package."""
    found: dict[str, str] = {}
    for one in module.imports:
        for name in () if one.level else _READERS.get(one.module, ()):
            first, _, rest = name.partition(".")
            if one.name == first:
                found[".".join(filter(None, (one.alias, rest)))] = one.module
            elif not one.name:
                found[f"{one.alias}.{name}"] = one.module
    return found


def _by_hand(sources: Sources, files: list[str]) -> Iterator[_Found]:
    """Yield objects of classes that are filled from the environment, then functions."""
    classes = _filled_classes(sources, files)
    makers: set[str] = set()
    made = False
    for name in files if classes else ():
        for function in sources.module(name).functions():
            if _hands_out(function, classes):
                target = name_of(function)
                made = True
                makers.add(target)
                yield _Found(kind=_GETTER, path=name, name=target, node=function)
    for name in files if classes else ():
        for assignment in sources.module(name).assignments():
            value = assignment.value
            if value.type == "call" and callee(value) in classes | makers:
                made = True
                target = assignment.target
                yield _Found(
                    kind=_INSTANCE, path=name, name=target, node=assignment.node
                )
    for name in files if classes and not made else ():
        for one in sources.module(name).classes():
            if name_of(one) in classes:
                target = name_of(one)
                yield _Found(kind=_CLASS, path=name, name=target, node=one)


def _filled_classes(sources: Sources, files: list[str]) -> set[str]:
    """Return the records of settings that read the environment, or whose parts do."""
    records: dict[str, str] = {}
    filled: set[str] = set()
    for name in files:
        content = sources.repository.text(name) or ""
        reads = "class " in content and _FROM_ENVIRONMENT.search(content)
        if not reads and not _CONFIGURES.search(name):
            continue
        module = sources.module(name)
        own = {
            name_of(one): text(one)
            for one in module.classes()
            if _NAMED.search(name_of(one)) and (_is_record(one) or _is_filled(one))
        }
        records |= own
        filled |= {one for one, body in own.items() if _FROM_ENVIRONMENT.search(body)}
        for assignment in module.assignments() if own else ():
            made = callee(assignment.value)
            if made in own and _FROM_ENVIRONMENT.search(text(assignment.value)):
                filled.add(made)
        for function in module.functions() if own else ():
            if not _FROM_ENVIRONMENT.search(text(function)):
                continue
            if _hands_out(function, own):
                filled |= {one for one in own if one in text(function)}
    parts = {
        one: (filled & {*_WORD.findall(body)}) - {one} for one, body in records.items()
    }
    whole = {one for one, inside in parts.items() if inside}
    return whole | (filled - {part for inside in parts.values() for part in inside})


def _is_filled(definition: Node) -> bool:
    """Return True for a plain class that reads the environment itself."""
    return _FROM_ENVIRONMENT.search(text(definition)) is not None


def _is_record(definition: Node) -> bool:
    """Return True for a dataclass, and the like of other packages: with fields."""
    above = definition.parent
    decorated = above is not None and any(
        child.type == "decorator" and _DECORATOR.search(text(child))
        for child in above.children
    )
    bases = text(definition.child_by_field_name("superclasses"))
    return decorated or _RECORD.search(bases) is not None
