"""Find what a handler is given where the database is reached without SQLAlchemy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import callee, line, name_of, text
from .engines import Importers
from .sources import symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..fastapi_code.import_graph import Loaded
    from ..syntax.python import Module
    from .application import Application
    from .sources import Sources

_MONGO = ("motor", "pymongo", "beanie", "odmantic", "mongoengine")
# How each package opens its database; the first that is imported names the layer.
_OPENS = {
    **dict.fromkeys(
        _MONGO, re.compile(r"\b(?:AsyncIOMotorClient|AsyncMongoClient|MongoClient)\(")
    ),
    "tortoise": re.compile(r"[\"']connections[\"']\s{0,99}:"),
    "firebase_admin": re.compile(
        r"\b(?:initialize_app|firestore\.(?:Async)?[Cc]lient)\("
    ),
    "google.cloud.firestore": re.compile(r"\bfirestore\.(?:Async)?[Cc]lient\("),
    "piccolo": re.compile(r"\b(?:Postgres|SQLite|Cockroach)Engine\("),
    "ormar": re.compile(r"\b(?:Database|DatabaseConnection)\("),
    "databases": re.compile(r"\bDatabase\("),
    "peewee": re.compile(
        r"\b\w{0,40}(?:Postgresql|Postgres|MySQL|Sqlite|SQL)\w{0,20}Database\("
    ),
    "edgedb": re.compile(r"\bcreate_(?:async_)?client\("),
    "supabase": re.compile(
        r"\b(?:a?create_client|create_async_client|AsyncClient\.create)\("
    ),
    "aiomysql": re.compile(r"\b(?:create_pool|connect)\("),
    "pymysql": re.compile(r"\bpymysql\.connect\("),
    "MySQLdb": re.compile(r"\bMySQLdb\.connect\("),
    "mysql.connector": re.compile(
        r"\b(?:mysql\.)?connector\.connect\(|\bMySQLConnectionPool\("
    ),
    "aiosqlite": re.compile(r"\baiosqlite\.connect\("),
    "sqlite3": re.compile(r"\bsqlite3\.connect\("),
    "neo4j": re.compile(r"\b(?:Async)?GraphDatabase\.driver\("),
}
# An import alone says little of these: what is kept there may be no data of the users.
_ONLY_OPENED = ("aiosqlite", "sqlite3", "firebase_admin", "aiomysql", "neo4j")
_OBJECT, _FUNCTION, _CLASS = range(3)
_LAYERS = dict.fromkeys(_MONGO, "mongo") | {"tortoise": "tortoise"}


def other_layer(sources: Sources, files: list[str]) -> tuple[str, str] | None:
    """Return the layer, and the package that opens the database of these files."""
    imported = sources.packages_in(files, _OPENS)
    for package in (package for package in _OPENS if package in imported):
        if package not in _ONLY_OPENED or _opens(sources, files, package):
            return _LAYERS.get(package, "other"), package
    return None


def _opens(sources: Sources, files: list[str], package: str) -> bool:
    pattern = _OPENS[package]
    if package == "firebase_admin":  # push messages and sign-in open it, too
        pattern = re.compile(r"\b(?:firestore|firebase_admin\.db|import db)\b")
    return any(pattern.search(sources.repository.text(name) or "") for name in files)


def find_client(
    sources: Sources,
    files: list[str],
    application: Application,
    loaded: Loaded,
    package: str,
) -> Fact[str]:
    """Return the object, or the function, that most modules import."""
    opens = _OPENS[package]
    importers = Importers(sources, files)
    top = package.partition(".")[0]
    found = [
        (
            name not in loaded,
            kind == _CLASS,
            -importers.count(name, target),
            kind,
            name.count("/"),
            name,
            number,
            target,
        )
        for name in files
        if top in (content := sources.repository.text(name) or "")
        and opens.search(content)
        for target, kind, number in _candidates(sources.module(name), opens)
    ]
    if not found:
        return Fact()
    *_, name, number, target = min(found)
    return Fact(
        value=symbol(application.import_root, name, target),
        confidence=Confidence.LIKELY,
        evidence=(Evidence(path=name, line=number, why="opens the database"),),
    )


def _candidates(
    module: Module, opens: re.Pattern[str]
) -> Iterator[tuple[str, int, int]]:
    """Yield names, the kind of each (an object, a function, a class), and its line."""
    classes = {
        name_of(node): line(node)
        for node in module.classes()
        if opens.search(text(node))
    }
    for assignment in module.assignments():
        made = callee(assignment.value) if assignment.value.type == "call" else ""
        is_name = assignment.target.isidentifier()
        if is_name and (opens.search(text(assignment.value)) or made in classes):
            yield assignment.target, _OBJECT, line(assignment.node)
    for node in module.functions():
        if opens.search(text(node)):
            yield name_of(node), _FUNCTION, line(node)
    for name, number in sorted(classes.items()):
        yield name, _CLASS, number
