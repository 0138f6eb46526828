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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .sources import Sources

# CORS_ALLOW_METHODS and the like say nothing about origins.
_NO_ORIGINS = re.compile(r"METHODS?$|HEADERS?$|CREDENTIALS?$|MAX_?AGE$|_REGEX$")
_OF_ORIGINS = ("origins", "frontend_url", "frontend_host")
_ORIGIN_KEY = re.compile(r"(?i)origins$|cors_?origin|^frontend_(?:url|host)$")
_GIVEN = re.compile(r"^allow_origins\s{0,9}=")
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


def find_cors_origins(
    sources: Sources, application: Application, loaded: Loaded
) -> Fact[tuple[str, ...]]:
    """Return the origins that are literally in code and in example env files."""
    found: dict[str, Evidence] = {}
    files = _allowing(sources, application, loaded)
    fields = _origin_fields(sources, files)
    for name in _speaking_of_origins(sources, files, fields):
        for node, origin in _literal_origins(sources, name, fields):
            is_given = _GIVEN.search(_statement(node)) is not None
            why = f"is an allowed origin{' of the middleware' if is_given else ''}"
            found.setdefault(origin, Evidence(path=name, line=line(node), why=why))
    folders = above(application.backend_dir)
    parts = ("CORS", "ORIGIN", "FRONTEND_URL", "FRONTEND_HOST")
    names = (*parts, *(field.upper() for field in fields))
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
                found.setdefault(origin, place)
    found = _effective(found, fields)
    if not found:
        return Fact()
    return Fact(
        value=tuple(found),
        confidence=Confidence.LIKELY,
        evidence=tuple(found.values()),
    )


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


def _words(content: str) -> set[str]:
    return set(re.findall(r"\w+", content))


def _speaking_of_origins(
    sources: Sources, files: Sequence[str], fields: frozenset[str]
) -> list[str]:
    """Return the files that speak of origins, or name one of the settings."""
    found: list[str] = []
    for name in files:
        content = sources.repository.text(name) or ""
        if "://" not in content and "*" not in content:
            continue  # there is no origin
        is_named = any(field in content for field in fields)
        if _speaks_of_origins(content) or (is_named and fields & _words(content)):
            found.append(name)
    return found


def _speaks_of_origins(content: str) -> bool:
    low = content.lower()
    return any(word in low for word in _OF_ORIGINS)


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


def _origin_fields(sources: Sources, files: Sequence[str]) -> frozenset[str]:
    """Return the names of the settings that CORS middleware is given."""
    found: set[str] = set()
    for name in files:
        content = sources.repository.text(name) or ""
        for given in re.findall(r"allow_origins\s{0,99}=\s{0,99}\[?([\w.]+)", content):
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
