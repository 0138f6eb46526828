"""Find the settings object, the CORS origins and the prefix of the API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..fastapi_code.router_place import Code, find_router_place
from ..fastapi_code.taken_route import PREFIX, taken_route
from ..model import Confidence, Evidence, Fact
from ..repository.paths import above, below, is_below
from ..syntax.lines import numbered
from ..syntax.python import (
    callee,
    calls,
    descendants,
    line,
    name_of,
    string_value,
    text,
)
from .sources import dotted_name

if TYPE_CHECKING:
    from tree_sitter import Node

    from .application import Application
    from .sources import Sources

_SETTINGS_FILE = re.compile(r"(^|/)(settings|config|conf)\.py$")
_OF_ORIGINS = ("origins", "frontend_url", "frontend_host")
_ORIGIN_KEY = re.compile(r"(?i)origins$|cors_?origin|^frontend_(?:url|host)$")
_LITERAL = re.compile(r"""(?P<format>f?)(["'])(?P<text>[^"'\n]*)\2""")
_ENV_LINE = re.compile(r"(?m)^[ \t]*(\w+)[ \t]*=(.*)$")
_WRITTEN_ORIGIN = re.compile(r"https?://[\w.\-]+(?::\d+)?|\*")
# pydantic's Field("/api"), and what the environment may say otherwise in production.
_DEFAULT = (
    r"(?:[\w.]{0,60}Field\(\s{0,99}(?:[^()]{0,400}?\bdefault\s{0,9}=\s{0,99})?"
    r"|[\w.]{0,60}(?:getenv|environ\.get)\(\s{0,99}[\"']\w+[\"']\s{0,9},\s{0,99}"
    r"(?:default\s{0,9}=\s{0,9})?)?"
)
_ASSIGNED = re.compile(
    rf"(?m)^[ \t]*(\w+)[ \t]*(?::[^=\n]*)?=\s{{0,99}}{_DEFAULT}"
    r"(f?([\"'])[^\"'\n]*\3)"
)
_FIELD = re.compile(r"\{([\w.]+)\}")
# Those of tests name hosts that are none: http://test.
_ENV_FILE = re.compile(r"^(?!.*\btest).*(?:^env|\.env)")
_ORIGIN = re.compile(r"https?://[\w.\-\[\]:*]+(?::\d+)?|^\*$")


def find_settings(sources: Sources, application: Application) -> Fact[str]:
    """Find the instance of a pydantic settings class that most modules import."""
    classes = _settings_classes(sources, application)
    if not classes:
        return Fact()
    found = [
        (name, assignment.node, assignment.target)
        for name in _files(sources, application)
        if _SETTINGS_FILE.search(name)
        or any(word in (sources.repository.text(name) or "") for word in classes)
        for assignment in sources.module(name).assignments()
        if (
            assignment.value.type == "call"
            and callee(assignment.value).rpartition(".")[2] in classes
        )
        or _calls_getter(sources, name, assignment.value, classes)
        or (
            assignment.target == "settings"
            and assignment.value.type == "call"
            and _SETTINGS_FILE.search(name)
        )
    ]
    if not found:
        found = _getters(sources, application, classes)
    if not found:
        name, (path, node) = next(iter(classes.items()))
        found = [(path, node, name)]
    started_with = {i.name for i in sources.module(application.file).imports}

    def rank(one: tuple[str, Node, str]) -> tuple[object, ...]:
        path, _, target = one
        used = (target not in started_with, -_uses(sources, application, target))
        return (*used, target != "settings", path.count("/"))

    # How often each is imported is asked of every file: only to choose.
    path, node, target = found[0] if len(found) == 1 else min(found, key=rank)
    evidence = (Evidence(path=path, line=line(node), why="holds the settings"),)
    return Fact(
        value=f"{dotted_name(application.import_root, path)}:{target}",
        confidence=Confidence.CERTAIN if len(found) == 1 else Confidence.LIKELY,
        evidence=evidence,
    )


def _settings_classes(
    sources: Sources, application: Application
) -> dict[str, tuple[str, Node]]:
    """Return the subclasses of pydantic's BaseSettings, at any remove, by name."""
    bases: dict[str, tuple[str, Node, set[str]]] = {}
    for name in _files(sources, application):
        if "Settings" not in (sources.repository.text(name) or ""):
            continue
        for definition in sources.module(name).classes():
            listed = text(definition.child_by_field_name("superclasses"))
            parents = set(re.findall(r"[A-Za-z_]\w*", listed))
            bases[name_of(definition)] = (name, definition, parents)
    found: dict[str, tuple[str, Node]] = {}
    known = {"BaseSettings"}
    while True:
        new = {n for n, (_, _, up) in bases.items() if up & known and n not in known}
        if not new:
            return found
        known |= new
        found |= {n: bases[n][:2] for n in bases if n in new}


def _calls_getter(
    sources: Sources, name: str, value: Node, classes: dict[str, tuple[str, Node]]
) -> bool:
    if value.type != "call":
        return False
    called = callee(value).rpartition(".")[2]
    return any(
        name_of(node) == called and any(f"{word}(" in text(node) for word in classes)
        for node in sources.module(name).nodes("function_definition")
    )


def _getters(
    sources: Sources, application: Application, classes: dict[str, tuple[str, Node]]
) -> list[tuple[str, Node, str]]:
    return [
        (name, function, name_of(function))
        for name in _files(sources, application)
        if any(word in (sources.repository.text(name) or "") for word in classes)
        for function in sources.module(name).functions()
        if any(callee(call) in classes for call in calls(function))
        or text(function.child_by_field_name("return_type")) in classes
    ]


def _uses(sources: Sources, application: Application, name: str) -> int:
    root = application.import_root
    return sum(is_below(file, root) for file, _ in sources.importing(name))


def find_cors_origins(
    sources: Sources, application: Application
) -> Fact[tuple[str, ...]]:
    """Return the origins that are literally in code and in example env files."""
    found: dict[str, Evidence] = {}
    fields = _origin_fields(sources, application)
    for name in _files(sources, application):
        content = sources.repository.text(name) or ""
        low = content.lower()
        if not any(word in low for word in _OF_ORIGINS) and not (
            any(field in content for field in fields) and fields & _words(content)
        ):
            continue
        for node, origin in _literal_origins(sources, name, fields):
            why = "is an allowed origin"
            found.setdefault(origin, Evidence(path=name, line=line(node), why=why))
    folders = above(application.backend_dir)
    for path in sources.repository.files:
        inside, _, base = path.rpartition("/")
        if (inside or ".") in folders and _ENV_FILE.search(base):
            content = sources.repository.text(path) or ""
            parts = ("CORS", "ORIGIN", "FRONTEND_URL", "FRONTEND_HOST")
            names = (*parts, *(field.upper() for field in fields))
            for match, number in numbered(_ENV_LINE, content):
                if not any(name in match[1].upper() for name in names):
                    continue
                for origin in _WRITTEN_ORIGIN.findall(match[2]):
                    why = "is an allowed origin"
                    place = Evidence(path=path, line=number, why=why)
                    found.setdefault(origin, place)
    if not found:
        return Fact()
    return Fact(
        value=tuple(found),
        confidence=Confidence.LIKELY,
        evidence=tuple(found.values()),
    )


def _words(content: str) -> set[str]:
    return set(re.findall(r"\w+", content))


def _origin_fields(sources: Sources, application: Application) -> frozenset[str]:
    """Return the names of the settings that CORS middleware is given."""
    found: set[str] = set()
    for name in _files(sources, application):
        content = sources.repository.text(name) or ""
        if "allow_origins" in content:
            for given in re.findall(
                r"allow_origins\s{0,99}=\s{0,99}\[?([\w.]+)", content
            ):
                found.add(given.rpartition(".")[2])
    return frozenset(found - {"str", "origin", "o"})


def _literal_origins(
    sources: Sources, name: str, fields: frozenset[str]
) -> list[tuple[Node, str]]:
    """Read the strings in values whose name or keyword speaks of origins."""
    found: list[tuple[Node, str]] = []
    values: list[Node] = []
    for node in sources.module(name).nodes("keyword_argument", "assignment"):
        assigned = node.type == "assignment"
        key = text(node.child_by_field_name("left" if assigned else "name"))
        value = node.child_by_field_name("right" if assigned else "value")
        if value is not None and (_ORIGIN_KEY.search(key) or key in fields):
            values.append(value)
    for value in values:
        for node in [value, *descendants(value)]:
            literal = string_value(node)
            compared = node.parent is not None and (
                node.parent.type == "comparison_operator"
            )
            if literal is None or compared:
                continue
            for part in re.split(r"[,\s]+", literal.strip("[]")):
                origin = part.strip(" \"'")
                if _ORIGIN.fullmatch(origin):
                    found.append((node, origin))
    return found


def find_api_prefix(sources: Sources, application: Application) -> Fact[str]:
    """Return what the paths of one more router begin with, included like the others."""
    repository, root = sources.repository, application.import_root
    code = Code(repository=repository, import_root=root, read=repository.read)
    module = sources.module(application.file)
    place = find_router_place(code, application.file, module, application.attr)
    if place is None:
        return Fact(value="", confidence=Confidence.LIKELY)
    found = [_value_of(sources, application, text(node)) for node in place.above]
    if any(part.value is None for part in found):
        return Fact()
    if place.shared_prefix is not None:
        # Unknown, it is not given to the auth router either.
        found.append(_value_of(sources, application, text(place.shared_prefix)))
    taken = taken_route(code, place)
    if taken is not None:
        found.append(Fact(value=PREFIX, evidence=(taken,)))
    return Fact(
        value="".join(part.value or "" for part in found),
        confidence=Confidence.LIKELY,
        evidence=tuple(evidence for part in found for evidence in part.evidence),
    )


def _value_of(
    sources: Sources, application: Application, expression: str, depth: int = 3
) -> Fact[str]:
    """Evaluate a string, ``settings.API_V1_STR`` or ``f"/api/{settings.VERSION}"``."""
    literal = _LITERAL.fullmatch(expression)
    if literal is None:
        return _constant(sources, application, expression, depth)
    if not literal["format"]:
        return Fact(value=literal["text"])
    inner = {
        name: _value_of(sources, application, name, depth)
        for name in _FIELD.findall(literal["text"])
    }
    if any(part.value is None for part in inner.values()):
        return Fact()
    value = _FIELD.sub(lambda found: inner[found[1]].value or "", literal["text"])
    evidence = tuple(place for part in inner.values() for place in part.evidence)
    return Fact(value=value, evidence=evidence)


def _constant(
    sources: Sources, application: Application, expression: str, depth: int
) -> Fact[str]:
    """Follow a name to the string that a class or module gives it."""
    name = expression.rpartition(".")[2]
    for path in _files(sources, application) if depth else ():
        content = sources.repository.text(path) or ""
        given = numbered(_ASSIGNED, content) if name in content else ()
        for found, number in ((m, n) for m, n in given if m[1] == name):
            here = Evidence(path=path, line=number, why="is the API's prefix")
            value = _value_of(sources, application, found[2], depth - 1)
            return Fact(value=value.value, evidence=(here, *value.evidence))
    return Fact()


def _files(sources: Sources, application: Application) -> list[str]:
    return below(sources.python, application.import_root)
