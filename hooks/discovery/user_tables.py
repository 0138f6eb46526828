"""Find the tables that hold users: in models, migrations, Node schemas and scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..migrations.table_names import dropped_tables, made_tables
from ..model import Confidence, Evidence, Fact
from ..syntax.lines import numbered
from .model_tables import model_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .model_tables import ModelTable
    from .sources import Sources

_USER_TABLE = re.compile(
    r"(?i)^(?:\w+_)?(?:auth_?)?users?$|^(?:account|admin|member|customer|person)s?$"
)
# An account may be one of money, a member one of a list: people sign in by these.
_SIGNS_IN = re.compile(r"(?i)mail|user_?name|login|passw|pwd")
_PASSWORD = re.compile(r"(?i)passw|pwd")
_PLAIN = re.compile(r"(?i)(?:auth_?)?users?")
# Where there are users, theirs are accounts with others: of a provider, or a bank.
_LINKED = re.compile(r"(?i)accounts?$")
_NEXT_TABLE = re.compile(
    r"(?i)create_table\(|\bcreate\s{1,9}table\b|^(?:class|model)\b"
)
_MOST_LINES = 60
_SPEAKS_OF_TABLES = (
    *("__tablename__", "table=", "table =", "Base", "Model"),
    *("TimestampMixin", "Document", "Table"),
)
# One of these is in each name that is meant.
_PEOPLE = ("user", "account", "admin", "member", "customer", "person")
_PASSWORDS = ("password", "passwd", "pwd")
_NAMES = (
    re.compile(r"class[ \t]+(\w+)"),
    re.compile(r"__tablename__\s{0,99}=\s{0,99}[\"'](\w+)"),
    re.compile(r"table\s{0,99}=\s{0,99}[\"'](\w+)"),
    re.compile(r"Table\(\s{0,99}[\"'](\w+)"),
)
_PRISMA = re.compile(r"model[ \t]+(\w+)[ \t]*\{")
_MAPPED = re.compile(r"@@map\(\s{0,99}\"(\w+)\"")
_DRIZZLE = re.compile(r"\b(?:pg|mysql|sqlite)Table\(\s{0,99}[\"'](\w+)[\"']")
# Of databases whose tables are made where they are first used.
_OF_DOCUMENTS = ("pymongo", "motor", "google.cloud.firestore", "firebase_admin")
_COLLECTION = re.compile(
    r"(?:\[|collection\()\s{0,9}[\"'](\w{0,40}users?)[\"']"
    r"|\b(?:db|database)\.(\w{0,40}users?)\.\w+\("
)
_ALONE = re.compile(r"(^|/)(tests?|docs?|examples?|\.[^/]{1,60})/")


def find_user_tables(
    sources: Sources,
    application: Application,
    loaded: Loaded,
    locations: tuple[str, ...],
) -> Fact[tuple[str, ...]]:
    """Return the names of user tables: from models, else from what made the tables.

    ``locations`` are the folders of the migrations.
    """
    root = application.import_root
    for name in sources.mentioning("cls.__tablename__ =", below=root):
        # Named at run time: better unknown than wrong.
        computed = Evidence(path=name, why="changes the names of all tables")
        return Fact(problem="table names are computed", evidence=(computed,))
    files = [*sources.below(root)]
    models = _models(sources, loaded.files, root) if loaded.is_all else []
    if not any(_USER_TABLE.match(m.name or m.class_name) for m in models):
        models = _models(sources, files, root)
    # A class of users whose table only a run knows: what made it may tell.
    hidden = any(m.name is None and _USER_TABLE.match(m.class_name) for m in models)
    for places in (
        iter(()) if hidden else _in_models(models),
        _in_migrations(sources, locations),
        _in_node_schemas(sources),
        _in_collections(sources, loaded.first(files), application.import_root),
        _in_scripts(sources),
    ):
        found: dict[str, Evidence] = {}
        for table, evidence in places:
            if _USER_TABLE.match(table):
                found.setdefault(table, evidence)
        found = _of_people(sources, found)
        if found := found or ({} if hidden else _with_passwords(models)):
            return Fact(
                value=tuple(sorted(found)),
                confidence=Confidence.LIKELY,
                evidence=tuple(found.values()),
            )
    return Fact()


def _models(
    sources: Sources, files: Sequence[str], import_root: str
) -> list[ModelTable]:
    """Return the tables of these files; those that can have no users are not parsed."""
    telling = [
        name for name in files if _may_have_users(sources.repository.text(name) or "")
    ]
    return [*model_tables(sources, telling, import_root)]


def _of_people(sources: Sources, found: dict[str, Evidence]) -> dict[str, Evidence]:
    """Leave out tables that link users to others, and accounts without a sign-in."""
    users = {t: at for t, at in found.items() if "user" in t.lower()}
    if not users:
        return {t: at for t, at in found.items() if _has(sources, at, _SIGNS_IN)}
    people = {
        t: at
        for t, at in users.items()
        if _PLAIN.fullmatch(t) or _has(sources, at, _SIGNS_IN)
    }
    others = {
        t: at
        for t, at in found.items()
        if t not in users and not _LINKED.match(t) and _has(sources, at, _PASSWORD)
    }
    return (people or users) | others


def _has(sources: Sources, place: Evidence, column: re.Pattern[str]) -> bool:
    """Return True if the table there has such a column, by which people sign in."""
    lines = (sources.repository.text(place.path) or "").splitlines()
    first = max((place.line or 1) - 1, 0)
    for number, written in enumerate(lines[first : first + _MOST_LINES]):
        if number > 0 and _NEXT_TABLE.search(written):
            return False
        if column.search(written):
            return True
    return False


def _may_have_users(source: str) -> bool:
    """Return True if a table there may be one of users; others need no parsing."""
    if not any(word in source for word in _SPEAKS_OF_TABLES):
        return False
    if "BaseUserTable" in source or any(word in source for word in _PASSWORDS):
        return True
    low = source.lower()
    return any(word in low for word in _PEOPLE) and any(
        "user" in name.lower() or _USER_TABLE.match(name)
        for found in _NAMES
        for name in found.findall(source)
    )


def _in_models(models: list[ModelTable]) -> Iterator[tuple[str, Evidence]]:
    yield from ((one.name, one.evidence) for one in models if one.name)


def _with_passwords(models: list[ModelTable]) -> dict[str, Evidence]:
    """Return the tables of people who sign in, whatever these are called."""
    return {one.name: one.evidence for one in models if one.name and one.has_password}


def _in_collections(
    sources: Sources, files: list[str], import_root: str
) -> Iterator[tuple[str, Evidence]]:
    """Yield the collections that are named where they are used, without models."""
    opening = {name for name in files if sources.packages_in([name], _OF_DOCUMENTS)}
    for name in files if opening else ():
        content = sources.repository.text(name) or ""
        if "user" not in content:
            continue
        if name in opening or any(
            sources.resolve(import_root, name, found) in opening
            for found in sources.module(name).imports
        ):
            for found, number in numbered(_COLLECTION, content):
                place = Evidence(path=name, line=number, why="uses the collection")
                yield found[1] or found[2], place


def _in_scripts(sources: Sources) -> Iterator[tuple[str, Evidence]]:
    """Yield what SQL makes elsewhere: a script of a container, or of the code."""
    listed = sources.repository.files
    scripts = (f for f in listed if f.endswith(".sql") and not _ALONE.search(f))
    for name in (*scripts, *sources.mentioning("CREATE TABLE", "create table")):
        for table, number in made_tables(sources.repository.text(name) or ""):
            yield table, Evidence(path=name, line=number, why="creates it")


def _in_migrations(
    sources: Sources, locations: tuple[str, ...]
) -> Iterator[tuple[str, Evidence]]:
    """Yield what migrations create and none drops."""
    repository = sources.repository
    created: dict[str, Evidence] = {}
    dropped: set[str] = set()
    for name in (name for folder in locations for name in repository.below(folder)):
        content = repository.text(name) or ""
        dropped.update(dropped_tables(content))
        for table, number in made_tables(content):
            place = Evidence(path=name, line=number, why="creates it")
            created.setdefault(table, place)
    yield from ((t, place) for t, place in created.items() if t not in dropped)


def _in_node_schemas(sources: Sources) -> Iterator[tuple[str, Evidence]]:
    repository = sources.repository
    for name in repository.files:
        if name.endswith(".prisma"):
            for table, number in _prisma_tables(repository.text(name) or ""):
                place = Evidence(path=name, line=number, why="is Prisma's model")
                yield table, place
        elif name.endswith(".ts") and "schema" in name:
            content = repository.text(name) or ""
            for found, number in numbered(_DRIZZLE, content):
                place = Evidence(path=name, line=number, why="is Drizzle's table")
                yield found[1], place


def _prisma_tables(content: str) -> Iterator[tuple[str, int]]:
    """Yield the table of each model that is closed, and the line that begins it."""
    name, began = "", 0
    for number, written in enumerate(content.split("\n"), 1):
        if not began and (model := _PRISMA.match(written)):
            name, began = model[1], number
        elif began and written.startswith("}"):
            yield name, began
            began = 0
        elif began and (mapped := _MAPPED.search(written)):
            name = mapped[1]
