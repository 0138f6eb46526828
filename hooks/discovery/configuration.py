"""Find the CORS origins and the prefix of the API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..fastapi_code.router_place import Code, find_router_place
from ..fastapi_code.taken_route import PREFIX, taken_route
from ..model import Confidence, Evidence, Fact
from ..repository.paths import above
from ..syntax.lines import numbered
from ..syntax.python import (
    descendants,
    line,
    string_value,
    text,
)
from .environment import in_folders
from .origin_names import given, leading_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tree_sitter import Node

    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .sources import Sources

# CORS_ALLOW_METHODS and the like say nothing about origins.
_NO_ORIGINS = re.compile(r"METHODS?$|HEADERS?$|CREDENTIALS?$|MAX_?AGE$|_REGEX$")
_SPEAKS_OF_ORIGINS = ("origins", "frontend_url", "frontend_host")
_ORIGIN_KEY = re.compile(r"(?i)origins$|cors_?origin|^frontend_(?:url|host)$")
_GIVEN = re.compile(r"^allow_origins\s{0,9}=")
_LITERAL = re.compile(r"""(?P<format>f?)(["'])(?P<text>[^"'\n]*)\2""")
_COMPOSE = re.compile(r"(^|/)[^/]{0,255}compose[^/]{0,255}\.ya?ml$")
_COMPOSE_LINE = re.compile(
    r"(?m)^[ \t]*(?:-[ \t]*)?[\"']?(\w{1,99})[\"']?[ \t]*[=:](.*)$"
)
_ENV_LINE = re.compile(r"(?m)^[ \t]*(\w+)[ \t]*=(.*)$")
# Variables of the environment, where nothing leads from the middleware to one.
_OF_ORIGINS = ("CORS", "ORIGIN")
_OF_FRONT_END = (*_OF_ORIGINS, "FRONTEND_URL", "FRONTEND_HOST")
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


def find_cors_origins(
    sources: Sources, application: Application, loaded: Loaded
) -> Fact[tuple[str, ...]]:
    """Return the origins that are literally in code and in example env files."""
    files = _allowing(sources, application, loaded)
    fields = leading_names(sources, files)
    found = _in_code(given(sources, files, fields | {"allow_origins"}))
    parts = tuple(field.upper() for field in fields) or _OF_ORIGINS
    found |= _in_env_files(sources, application, parts, {*found})
    if not found:
        found = _in_code(_called_so(sources, files))
        found |= _in_env_files(sources, application, _OF_FRONT_END, {*found})
    if not found and fields:
        found = _in_compose(sources, parts)
    found = _effective(found, fields)
    if not found:
        return Fact()
    return Fact(
        value=tuple(found),
        confidence=Confidence.LIKELY,
        evidence=tuple(found.values()),
    )


def _in_env_files(
    sources: Sources, application: Application, names: tuple[str, ...], known: set[str]
) -> dict[str, Evidence]:
    """Return the origins in the variables that have one of these names in theirs."""
    found: dict[str, Evidence] = {}
    folders = above(application.backend_dir)
    for path in in_folders(sources.repository, folders):
        if not _ENV_FILE.search(path.rpartition("/")[2]):
            continue
        content = sources.repository.text(path) or ""
        for match, number in numbered(_ENV_LINE, content):
            key = match[1].upper()
            if _NO_ORIGINS.search(key) or not any(name in key for name in names):
                continue
            for origin in _WRITTEN_ORIGIN.findall(match[2]):
                why = "is an allowed origin"
                place = Evidence(path=path, line=number, why=why)
                if origin not in known:
                    found.setdefault(origin, place)
    return found


def _in_compose(sources: Sources, names: tuple[str, ...]) -> dict[str, Evidence]:
    """Return the origins that a compose file gives in such variables."""
    found: dict[str, Evidence] = {}
    for path in sources.repository.matching(_COMPOSE):
        content = sources.repository.text(path) or ""
        for match, number in numbered(_COMPOSE_LINE, content):
            key = match[1].upper()
            if _NO_ORIGINS.search(key) or not any(name in key for name in names):
                continue
            for origin in _WRITTEN_ORIGIN.findall(match[2]):
                place = Evidence(path=path, line=number, why="gives an allowed origin")
                found.setdefault(origin, place)
    return found


def _in_code(values: Iterable[tuple[str, Node]]) -> dict[str, Evidence]:
    """Return the origins in these values of files."""
    found: dict[str, Evidence] = {}
    for name, value in values:
        for node, origin in _literal_origins(value):
            is_given = _GIVEN.search(_statement(node)) is not None
            why = f"is an allowed origin{' of the middleware' if is_given else ''}"
            found.setdefault(origin, Evidence(path=name, line=line(node), why=why))
    return found


def _effective(
    found: dict[str, Evidence], fields: frozenset[str]
) -> dict[str, Evidence]:
    """Leave out a default of every origin that the environment replaces."""
    anywhere = found.get("*")
    by_environment = any(not place.path.endswith(".py") for place in found.values())
    if anywhere is None or not by_environment or not fields:
        return found
    if not anywhere.path.endswith(".py") or "middleware" in anywhere.why:
        return found
    return {origin: place for origin, place in found.items() if origin != "*"}


def _statement(node: Node) -> str:
    """Return the keyword or the assignment that a value is in."""
    above = node.parent
    while above is not None and above.type not in {"keyword_argument", "assignment"}:
        above = above.parent
    return text(above)


def _called_so(sources: Sources, files: Sequence[str]) -> Iterator[tuple[str, Node]]:
    """Yield the values whose name or keyword speaks of origins, with their files."""
    for name in files:
        content = sources.repository.text(name) or ""
        if "://" not in content and "*" not in content:
            continue  # there is no origin
        low = content.lower()
        if not any(word in low for word in _SPEAKS_OF_ORIGINS):
            continue
        for node in sources.module(name).nodes("keyword_argument", "assignment"):
            is_assigned = node.type == "assignment"
            key = text(node.child_by_field_name("left" if is_assigned else "name"))
            value = node.child_by_field_name("right" if is_assigned else "value")
            if value is not None and _ORIGIN_KEY.search(key):
                yield name, value


def _allowing(
    sources: Sources, application: Application, loaded: Loaded
) -> Sequence[str]:
    """Return what is loaded, where that is all and allows origins; else all code."""
    allows = any(
        "allow_origins" in (sources.repository.text(name) or "")
        for name in loaded.files
    )
    if loaded.is_all and allows:
        return sorted(loaded.files)
    return sources.below(application.import_root)


def _literal_origins(value: Node) -> Iterator[tuple[Node, str]]:
    """Yield the origins among the strings of a value."""
    for node in [value, *descendants(value)]:
        literal = string_value(node)
        compared = node.parent is not None and (
            node.parent.type == "comparison_operator"
        )
        if literal is None or compared:
            continue
        for part in re.split(r"[,;\s]+", literal.strip("[]")):
            origin = part.strip(" \"'")
            if _ORIGIN.fullmatch(origin):
                yield node, origin


def find_api_prefix(sources: Sources, application: Application) -> Fact[str]:
    """Return what the paths of one more router begin with, included like the others."""
    repository, root = sources.repository, application.import_root
    code = Code(repository=repository, import_root=root, read=sources.source)
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
    files = sources.mentioning(name, below=application.import_root) if depth else ()
    for path in files:
        given = numbered(_ASSIGNED, sources.repository.text(path) or "")
        for found, number in ((m, n) for m, n in given if m[1] == name):
            here = Evidence(path=path, line=number, why="is the API's prefix")
            value = _value_of(sources, application, found[2], depth - 1)
            return Fact(value=value.value, evidence=(here, *value.evidence))
    return Fact()
