"""Find the driver of the database layer: from its URL, then from what is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import line, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .sources import Sources

# SQLite's is the last: next to another one it is there for tests.
_ASYNC = ("asyncpg", "psycopg", "aiomysql", "asyncmy", "aioodbc", "aiosqlite")
_SYNC = (
    *("psycopg2", "psycopg", "pymysql", "mysqldb", "pg8000", "pyodbc", "pymssql"),
    *("oracledb", "asyncpg"),
)
_SCHEME = re.compile(
    r"\b(postgres(?:ql)?|mysql|mariadb|sqlite|mssql|oracle|cockroachdb)\+(\w+)"
)
_BEFORE_DRIVERS = (
    "postgres+",
    "sql+",
    "mariadb+",
    "sqlite+",
    "oracle+",
    "cockroachdb+",
)
# Where the URL is, if no code has it.
_ENVIRONMENT = re.compile(
    r"(^|/)(\.env[^/]{0,99}|[^/]{1,99}\.env|[^/]{0,99}compose[^/]{0,99}\.ya?ml)$"
)
_SQLITE_URL = re.compile(r"""[a-zA-Z]{0,2}["']{1,3}sqlite(?:\+\w{1,99})?://""")
_ENV_FILE = re.compile(r"(^|/)\.env[^/]{0,255}$")
_PLAIN_POSTGRES = re.compile(r"\bpostgres(?:ql)?://")
_PLAIN_URL = re.compile(r"\b(postgresql|postgres|mysql|sqlite)(?:\+\w+)?://")
_BY_SCHEME = {
    "postgresql": "asyncpg",
    "postgres": "asyncpg",
    "mysql": "aiomysql",
    "sqlite": "aiosqlite",
}
_DRIVERS_BY_THEMSELVES = frozenset(
    {"supabase", "pymysql", "aiomysql", "aiosqlite", "mysqldb", "neo4j", "sqlite3"}
    | {"MySQLdb", "mysql.connector"}
)
# What Peewee's and Piccolo's classes open: the drivers of the first, of the second.
_BY_CLASS = {
    "Postgre": ("psycopg2", "psycopg", "asyncpg"),
    "MySQL": ("pymysql", "mysqlclient", "aiomysql"),
    "SQLite": ("sqlite3", "aiosqlite"),
}
# Packages that are not called like their driver.
_PACKAGES = {"mysqldb": "mysqlclient"}
_CHOSEN = re.compile(
    r"(?i)(?:db|database)_type[\"']?\s{0,99}(?::[^=\n]{0,99}=|[:=])\s{0,99}[\"'](\w+)"
)


def find_driver(  # noqa: PLR0911, PLR0913, PLR0917 - one return per kind of layer
    sources: Sources,
    files: list[str],
    dependencies: frozenset[str],
    layer: str | None,
    engine: Fact[str],
    package: str | None,
    symbol: Fact[str],
) -> Fact[str]:
    """Return the driver's name as SQLAlchemy spells it."""
    likely = Confidence.LIKELY
    if layer in {None, "none"}:
        return Fact()
    if layer == "mongo":
        names = ("motor", "pymongo")
        declared = _declared(names, dependencies)
        imported = sources.packages_in(files, names)
        used = next((name for name in names if name in imported), None)
        return declared if declared.value else Fact(value=used, confidence=likely)
    if layer == "other":
        return _other(sources, dependencies, package, symbol)
    if layer == "asyncpg":
        return Fact(value="asyncpg", confidence=Confidence.CERTAIN)
    is_async = str(layer).endswith("async") or layer == "tortoise"
    fits = set(_ASYNC if is_async else _SYNC[:-1])
    first = [place.path for place in engine.evidence]
    sure = Confidence.CERTAIN
    schemes = [
        found
        for name in dict.fromkeys([*first, *_settings_first(files)])
        for found in _schemes(sources, name)
        if found[1] in fits
    ]
    if not schemes:
        schemes = [
            found
            for name in sources.repository.matching(_ENVIRONMENT)
            for found in _schemes(sources, name)
            if found[1] in fits
        ]
        sure = Confidence.LIKELY
    postgres = _declared(_ASYNC[:2] if is_async else _SYNC[:2], dependencies)
    chosen = _chosen_database(sources, files)
    named = {scheme[0] for scheme in schemes}
    if postgres.value and (
        named == {"sqlite"} or (not chosen and _is_another(sources, files, named))
    ):
        return postgres  # the URL without a driver is PostgreSQL's, SQLite is a default
    if schemes:
        schemes.sort(key=lambda one: one[0] == "sqlite")  # a default, or for tests
        wanted = (chosen or "postgres")[:5].lower()
        _, driver, evidence = next(
            (s for s in schemes if s[0].startswith(wanted)), schemes[0]
        )
        others = {*_installed(fits, dependencies)} - {driver}
        if others or len({name for _, name, _ in schemes}) > 1:
            sure = Confidence.LIKELY
        return Fact(value=driver, confidence=sure, evidence=(evidence,))
    declared = _declared(_ASYNC if is_async else _SYNC, dependencies)
    if declared.value:
        return declared
    noted = (s for name in files for s in _schemes(sources, name, is_comment=True))
    return next(
        (
            Fact(value=driver, confidence=likely, evidence=(evidence,))
            for _, driver, evidence in noted
            if driver in fits
        ),
        Fact(),
    )


def _is_another(sources: Sources, files: list[str], named: set[str]) -> bool:
    """Return True if PostgreSQL is opened, too, by a URL that names no driver."""
    if not named or any(one.startswith("postgres") for one in named):
        return False
    return any(
        _PLAIN_POSTGRES.search(sources.repository.text(name) or "") for name in files
    )


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


def _declared(names: Iterable[str], dependencies: frozenset[str]) -> Fact[str]:
    driver = next(_installed(names, dependencies), None)
    return Fact(value=driver, confidence=Confidence.LIKELY) if driver else Fact()


def _installed(names: Iterable[str], dependencies: frozenset[str]) -> Iterator[str]:
    """Yield the drivers whose packages are among the dependencies."""
    for driver in names:
        package = _PACKAGES.get(driver, driver)
        if {package, f"{package}-binary"} & dependencies:
            yield driver


def _other(
    sources: Sources,
    dependencies: frozenset[str],
    package: str | None,
    symbol: Fact[str],
) -> Fact[str]:
    """Return the driver below another layer, by what that opens."""
    if package in {"firebase_admin", "google.cloud.firestore"}:
        value = "firestore (firebase-admin)"
        return Fact(value=value, confidence=Confidence.LIKELY)
    if package in _DRIVERS_BY_THEMSELVES:
        return Fact(value=package.lower(), confidence=Confidence.LIKELY)
    opened = "\n".join(
        (sources.repository.text(place.path) or "") for place in symbol.evidence
    )
    if package in {"databases", "ormar"}:
        return _by_url(sources, dependencies)
    for written, names in _BY_CLASS.items():
        if package in {"piccolo", "peewee"} and written in opened:
            if package == "piccolo":
                return Fact(value=names[-1], confidence=Confidence.LIKELY)
            found = _declared(names, dependencies)
            return found if found.value else Fact()
    return Fact()


def _by_url(sources: Sources, dependencies: frozenset[str]) -> Fact[str]:
    """Return what ``databases`` opens: by the scheme of a URL, else what is there."""
    installed = [d for d in _ASYNC if {d, f"{d}-binary"} & dependencies]
    if len(installed) == 1:
        return Fact(value=installed[0], confidence=Confidence.LIKELY)
    for name in sources.python:
        if found := _PLAIN_URL.search(sources.repository.text(name) or ""):
            value = _BY_SCHEME[found[1]]
            return Fact(value=value, confidence=Confidence.LIKELY)
    return _declared(_ASYNC, dependencies)


def _settings_first(files: list[str]) -> list[str]:
    telling = re.compile(
        r"(^|/)(config|settings|database|db|conf|session|engine)[^/]{0,255}"
    )
    return sorted(files, key=lambda name: telling.search(name) is None)


def _schemes(
    sources: Sources, name: str, *, is_comment: bool = False
) -> Iterator[tuple[str, str, Evidence]]:
    """Yield the databases and drivers of URLs: of the code, or of its comments."""
    content = sources.repository.text(name) or ""
    for found in _SCHEME.finditer(content) if _speaks_of_drivers(content) else ():
        number = content.count("\n", 0, found.start()) + 1
        began = content.rfind("\n", 0, found.start()) + 1
        if is_comment is not content[began : found.start()].lstrip().startswith("#"):
            continue  # a comment says what could be written instead
        why = "names the driver in a URL"
        yield found[1], found[2], Evidence(path=name, line=number, why=why)


def _speaks_of_drivers(content: str) -> bool:
    # Words are found sooner than patterns.
    return "+" in content and any(word in content for word in _BEFORE_DRIVERS)


def _chosen_database(sources: Sources, files: list[str]) -> str | None:
    """Return which database a project that supports several is set to use."""
    listed = sources.repository.matching(_ENV_FILE)
    env_files = [name for name in listed if "docker" not in name]
    for name in (*env_files, *files):
        content = sources.repository.text(name) or ""
        if "_type" in content.lower() and (found := _CHOSEN.search(content)):
            return found[1]
    return None
