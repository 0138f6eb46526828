"""Find the driver of the database layer: from its URL, then from what is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import line, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sources import Sources

_ASYNC = ("asyncpg", "psycopg", "aiosqlite", "aiomysql", "asyncmy")
_SYNC = ("psycopg2", "psycopg", "pymysql", "mysqldb", "pg8000", "asyncpg")
_SCHEME = re.compile(r"\b(postgres(?:ql)?|mysql|mariadb|sqlite)\+(\w+)")
_BEFORE_DRIVERS = ("postgres+", "sql+", "mariadb+", "sqlite+")
_SQLITE_URL = re.compile(r"""[a-zA-Z]{0,2}["']{1,3}sqlite(?:\+\w{1,99})?://""")
_CHOSEN = re.compile(
    r"(?i)(?:db|database)_type[\"']?\s{0,99}(?::[^=\n]{0,99}=|[:=])\s{0,99}[\"'](\w+)"
)


def find_driver(  # noqa: PLR0911 - one return for each kind of layer
    sources: Sources,
    files: list[str],
    dependencies: frozenset[str],
    layer: str | None,
    engine: Fact[str],
) -> Fact[str]:
    """Return the driver's name as SQLAlchemy spells it."""
    if layer in {None, "none"}:
        return Fact()
    if layer == "mongo":
        names = ("motor", "pymongo")
        return _declared(names, dependencies)
    if layer == "other":
        return _other(dependencies)
    if layer == "asyncpg":
        return Fact(value="asyncpg", confidence=Confidence.CERTAIN)
    is_async = str(layer).endswith("async") or layer == "tortoise"
    fits = set(_ASYNC if is_async else _SYNC[:-1])
    first = [place.path for place in engine.evidence]
    schemes = [
        found
        for name in dict.fromkeys([*first, *_settings_first(files)])
        for found in _schemes(sources, name)
        if found[1] in fits
    ]
    postgres = _declared(_ASYNC[:2] if is_async else _SYNC[:2], dependencies)
    if postgres.value and {scheme[0] for scheme in schemes} == {"sqlite"}:
        return postgres  # the URL without a driver is PostgreSQL's, SQLite is a default
    if schemes:
        chosen = _chosen_database(sources, files) or "postgres"
        _, driver, evidence = next(
            (s for s in schemes if s[0].startswith(chosen[:5].lower())), schemes[0]
        )
        return Fact(value=driver, confidence=Confidence.CERTAIN, evidence=(evidence,))
    return _declared(_ASYNC if is_async else _SYNC, dependencies)


def find_sqlite(sources: Sources, files: list[str]) -> Fact[bool]:
    """Return where the code also opens SQLite: by default, in tests, or on request."""
    for name in files:
        if "sqlite" not in (sources.repository.text(name) or ""):
            continue
        for node in sources.module(name).nodes("string"):
            if _SQLITE_URL.match(text(node)):
                place = Evidence(path=name, line=line(node), why="names SQLite")
                return Fact(value=True, confidence=Confidence.LIKELY, evidence=(place,))
    return Fact()


def _declared(names: tuple[str, ...], dependencies: frozenset[str]) -> Fact[str]:
    for driver in names:
        if {driver, f"{driver}-binary"} & dependencies:
            return Fact(value=driver, confidence=Confidence.LIKELY)
    return Fact()


def _other(dependencies: frozenset[str]) -> Fact[str]:
    if "firebase-admin" in dependencies:
        value = "firestore (firebase-admin)"
        return Fact(value=value, confidence=Confidence.LIKELY)
    return Fact()


def _settings_first(files: list[str]) -> list[str]:
    telling = re.compile(
        r"(^|/)(config|settings|database|db|conf|session|engine)[^/]{0,255}"
    )
    return sorted(files, key=lambda name: telling.search(name) is None)


def _schemes(sources: Sources, name: str) -> Iterator[tuple[str, str, Evidence]]:
    content = sources.repository.text(name) or ""
    for found in _SCHEME.finditer(content) if _speaks_of_drivers(content) else ():
        number = content.count("\n", 0, found.start()) + 1
        why = "names the driver in a URL"
        yield found[1], found[2], Evidence(path=name, line=number, why=why)


def _speaks_of_drivers(content: str) -> bool:
    # Words are found sooner than patterns.
    return "+" in content and any(word in content for word in _BEFORE_DRIVERS)


def _chosen_database(sources: Sources, files: list[str]) -> str | None:
    """Return which database a project that supports several is set to use."""
    env_files = [
        name
        for name in sources.repository.files
        if re.search(r"(^|/)\.env[^/]{0,255}$", name) and "docker" not in name
    ]
    for name in (*env_files, *files):
        content = sources.repository.text(name) or ""
        if "_type" in content.lower() and (found := _CHOSEN.search(content)):
            return found[1]
    return None
