"""Find the settings object, the CORS origins and the prefix of the API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax import (
    arguments,
    callee,
    calls,
    descendants,
    line,
    name_of,
    string_value,
    text,
)
from .manifest import above
from .sources import dotted_name

if TYPE_CHECKING:
    from tree_sitter import Node

    from .applications import Application
    from .sources import Sources

_ORIGIN = re.compile(r"https?://[\w.\-\[\]:*]+(?::\d+)?|^\*$")


def find_settings(sources: Sources, application: Application) -> Fact[str]:
    """Find the instance of a pydantic settings class that most modules import."""
    classes: dict[str, tuple[str, Node]] = {}
    for name in _files(sources, application):
        source = sources.repository.text(name) or ""
        if "BaseSettings" in source or "Settings)" in source:
            for definition in sources.module(name).classes():
                bases = text(definition.child_by_field_name("superclasses"))
                if "BaseSettings" in bases or "Settings)" in bases:
                    classes[name_of(definition)] = (name, definition)
    if not classes:
        return Fact()
    found = [
        (name, assignment.node, assignment.target)
        for name in _files(sources, application)
        if any(word in (sources.repository.text(name) or "") for word in classes)
        for assignment in sources.module(name).assignments()
        if callee(assignment.value).rpartition(".")[2] in classes
        or _calls_getter(sources, name, assignment.value, classes)
    ]
    if not found:
        found = _getters(sources, application, classes)
    if not found:
        name, (path, node) = next(iter(classes.items()))
        found = [(path, node, name)]
    uses = _uses(sources, application)
    found.sort(key=lambda f: (-uses.get(f[2], 0), f[2] != "settings", f[0].count("/")))
    path, node, target = found[0]
    evidence = (Evidence(path=path, line=line(node), why="holds the settings"),)
    return Fact(
        value=f"{dotted_name(application.import_root, path)}:{target}",
        confidence=Confidence.CERTAIN if len(found) == 1 else Confidence.LIKELY,
        evidence=evidence,
    )


def _calls_getter(
    sources: Sources, name: str, value: Node, classes: dict[str, tuple[str, Node]]
) -> bool:
    if value.type != "call":
        return False
    called = callee(value)
    return any(
        name_of(function) == called and any(word in text(function) for word in classes)
        for function in sources.module(name).functions()
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
    ]


def _uses(sources: Sources, application: Application) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in _files(sources, application):
        for found in sources.module(name).imports:
            counts[found.name] = counts.get(found.name, 0) + 1
    return counts


def find_cors_origins(
    sources: Sources, application: Application
) -> Fact[tuple[str, ...]]:
    """Return the origins that stand literally in code and in example env files."""
    found: dict[str, Evidence] = {}
    for name in _files(sources, application):
        content = sources.repository.text(name) or ""
        if "origins" not in content.lower():
            continue
        for node, origin in _literal_origins(sources, name):
            why = "is an allowed origin"
            found.setdefault(origin, Evidence(path=name, line=line(node), why=why))
    folders = above(application.backend_dir)
    for path in sources.repository.files:
        inside, _, base = path.rpartition("/")
        if (inside or ".") in folders and re.search(r"^\.?env|\.env", base):
            content = sources.repository.text(path) or ""
            pattern = r"(?im)^[ \t]*\w*(?:CORS|ORIGINS?)\w*[ \t]*=(.*)$"
            for match in re.finditer(pattern, content):
                number = content.count("\n", 0, match.start()) + 1
                for origin in re.findall(r"https?://[\w.\-]+(?::\d+)?|\*", match[1]):
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


def _literal_origins(sources: Sources, name: str) -> list[tuple[Node, str]]:
    """Read the strings in values whose name or keyword speaks of origins."""
    found: list[tuple[Node, str]] = []
    tree = sources.module(name).tree
    values: list[Node] = []
    for node in descendants(tree):
        if node.type == "keyword_argument":
            key = text(node.child_by_field_name("name"))
            value = node.child_by_field_name("value")
        elif node.type == "assignment":
            key = text(node.child_by_field_name("left"))
            value = node.child_by_field_name("right")
        else:
            continue
        if value is not None and re.search(r"(?i)origins?$|cors_?origin", key):
            values.append(value)
    for value in values:
        for node in [value, *descendants(value)]:
            literal = string_value(node)
            if literal is None:
                continue
            for part in re.split(r"[,\s]+", literal.strip("[]")):
                origin = part.strip(" \"'")
                if _ORIGIN.fullmatch(origin):
                    found.append((node, origin))
    return found


def find_api_prefix(sources: Sources, application: Application) -> Fact[str]:
    """Return the literal prefix that the application gives to its routers."""
    tree = sources.module(application.file).tree
    values = [
        arguments(call)[1].get("prefix")
        for call in calls(tree)
        if callee(call).endswith(".include_router")
    ]
    written = {text(value) for value in values}
    if len(written) != 1 or values[0] is None:
        return Fact(value="", confidence=Confidence.LIKELY)
    literal = string_value(values[0])
    if literal is None:
        return _constant(sources, application, text(values[0]))
    shared = literal if len(values) > 1 else ""
    return Fact(value=shared, confidence=Confidence.LIKELY)


def _constant(sources: Sources, application: Application, expression: str) -> Fact[str]:
    """Follow ``settings.API_V1_STR`` to the string that a class or module gives it."""
    name = expression.rpartition(".")[2]
    pattern = re.compile(
        rf"(?m)^\s*{re.escape(name)}\s*(?::[^=\n]+)?=\s*[\"']([^\"']*)[\"']"
    )
    for path in _files(sources, application):
        content = sources.repository.text(path) or ""
        if found := pattern.search(content):
            number = content.count("\n", 0, found.start(1)) + 1
            evidence = (Evidence(path=path, line=number, why="is the API's prefix"),)
            return Fact(value=found[1], confidence=Confidence.LIKELY, evidence=evidence)
    return Fact()


def _files(sources: Sources, application: Application) -> list[str]:
    root = application.import_root
    return [f for f in sources.python if root == "." or f.startswith(f"{root}/")]
