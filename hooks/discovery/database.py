"""Find how handlers reach the database: layer, session, driver and metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..repository.paths import is_below
from ..syntax.python import callee, line, name_of, text
from .clients import find_client
from .drivers import find_driver, find_sqlite
from .engines import Importers, find_engine
from .loaded import loaded_modules
from .migrations import find_migrations
from .sources import dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .application import Application
    from .sources import Sources

# Databases that no SQLAlchemy reaches: the layer, and the packages that tell it.
_OTHER = {
    "mongo": ("motor", "beanie", "pymongo", "odmantic", "mongoengine"),
    "tortoise": ("tortoise",),
    "other": (
        "google.cloud.firestore",
        "firebase_admin",
        "peewee",
        "databases",
        "supabase",
        "edgedb",
        "ormar",
        "piccolo",
    ),
}
_INNER = re.compile(
    r"(?m)^[ \t]+(?:(?:async )?def (?P<defined>\w+)\(|return (?P<returned>\w+))"
)
_DEFINED = re.compile(r"\bdef[ \t]+(\w+)")
# Packages of SQLAlchemy's family are called after what they extend.
_DATABASES = ("sqlalchemy", "sqlmodel", "asyncpg", "psycopg", "tortoise", "alembic")
_SESSION = re.compile(r"[Ss]ession|[Pp]ool|connection|acquire|yield db")


@dataclass(frozen=True, kw_only=True)
class Database:
    """Everything about the database that code tells.

    ``engine_is_object`` is true where ``engine`` can be imported and used as it is.
    """

    layer: Fact[str]
    driver: Fact[str]
    symbol: Fact[str]
    engine: Fact[str]
    engine_is_object: bool
    metadata: Fact[str]
    sqlite_too: Fact[bool]


UNKNOWN_DATABASE = Database(
    layer=Fact(),
    driver=Fact(),
    symbol=Fact(),
    engine=Fact(),
    engine_is_object=False,
    metadata=Fact(),
    sqlite_too=Fact(),
)


def find_database(
    sources: Sources, application: Application, dependencies: frozenset[str]
) -> Database:
    """Read it from the code beside the application, never from dependencies alone."""
    files = [f for f in sources.python if _is_reachable(f, application)]
    engine, is_object = find_engine(sources, files, application)
    if engine.value and (loaded := _loaded_without_database(sources, application)):
        # What is there is left over, or another program's: to import it may fail.
        files, engine, is_object = [*loaded], Fact(), False
    session = _find_session(sources, files, application)
    layer = _layer(sources, files, engine, session)
    if layer.value in _OTHER:
        session = find_client(sources, files, application, layer.value)
        is_object = False
        engine = engine if layer.value == "tortoise" else Fact()
    symbol = session if session.value else engine
    return Database(
        layer=layer,
        driver=find_driver(sources, files, dependencies, layer.value, engine),
        symbol=Fact(
            value=symbol.value, confidence=symbol.confidence, evidence=symbol.evidence
        ),
        engine=engine,
        engine_is_object=is_object,
        metadata=_metadata(sources, files, application, layer.value),
        sqlite_too=find_sqlite(sources, files),
    )


def _is_reachable(name: str, application: Application) -> bool:
    return is_below(name, application.import_root)


def _loaded_without_database(
    sources: Sources, application: Application
) -> frozenset[str]:
    """Return what the application loads, if that leaves its database aside.

    Nothing follows from a single module, nor where Alembic migrates a database.
    """
    loaded = loaded_modules(sources, application) or frozenset()
    tops = {
        found.module.partition(".")[0]
        for name in loaded
        for found in sources.module(name).imports
        if not found.level
    }
    if len(loaded) == 1 or any(top.startswith(_DATABASES) for top in tops):
        return frozenset()
    repository, backend = sources.repository, application.backend_dir
    migrates = find_migrations(repository, backend).system.value == "alembic"
    return frozenset() if migrates else loaded


def _symbol(application: Application, name: str, attr: str) -> str:
    return f"{dotted_name(application.import_root, name)}:{attr}"


def _find_session(
    sources: Sources, files: list[str], application: Application
) -> Fact[str]:
    """Find the generator, or the maker of dependencies, that most handlers use."""
    uses: dict[str, int] = {}
    for name in files:
        source = sources.repository.text(name) or ""
        if "Dep" not in source:
            continue
        for used in re.findall(r"Depends\(\s{0,99}([\w.]+)", source):
            uses[used.rpartition(".")[2]] = uses.get(used.rpartition(".")[2], 0) + 1
        for used in re.findall(r"=\s{0,99}(\w{1,99}Dep(?:endency)?)\(", source):
            uses[used] = uses.get(used, 0) + 1
    yielding = [
        (name, name_of(function))
        for name in files
        if _yields_session(sources.repository.text(name) or "")
        for function in sources.module(name).functions()
        if _yields_session(text(function))
    ]
    sessions = {function for _, function in yielding}
    telling = {*sources.mentioning("Depends("), *(file for file, _ in yielding)}
    found: list[tuple[int, int, str, int, str]] = []
    for name in (file for file in files if file in telling):
        if not uses.keys() & {*_DEFINED.findall(sources.repository.text(name) or "")}:
            continue
        for function in sources.module(name).functions():
            called, body = name_of(function), text(function)
            decorated = function.parent is not None and (
                function.parent.type == "decorated_definition"
            )
            depends = called in sessions or _makes_dependency(body, sessions)
            if uses.get(called) and depends and not decorated:
                weight = uses[called]
                found.append((-weight, name.count("/"), name, line(function), called))
    if not found:
        return Fact()
    _, _, name, number, called = min(found)
    return Fact(
        value=_symbol(application, name, called),
        confidence=Confidence.LIKELY,
        evidence=(Evidence(path=name, line=number, why="handlers depend on it"),),
    )


def _yields_session(body: str) -> bool:
    return "yield" in body and _SESSION.search(body) is not None


def _makes_dependency(body: str, sessions: set[str]) -> bool:
    """Return True if a function returns a dependency: ``Depends(get_repo(Users))``."""
    if re.search(r"return\s{1,99}(?:params\.)?Depends\(", body):
        return "session" in body.lower()
    defined: set[str] = set()
    for found in _INNER.finditer(body):
        if found["returned"] in defined:
            used = re.findall(r"Depends\(\s{0,99}(\w+)", body)
            return any(name in sessions for name in used)
        defined.add(found["defined"])
    return False


def _layer(
    sources: Sources, files: list[str], engine: Fact[str], session: Fact[str]
) -> Fact[str]:
    evidence = session.evidence or engine.evidence
    uses_sqlmodel = _imports(sources, files, "sqlmodel")
    uses_sqlalchemy = uses_sqlmodel or _imports(sources, files, "sqlalchemy")
    if not uses_sqlalchemy or not (evidence or _uses_orm(sources, files)):
        return _without_orm(sources, files)
    library = "sqlmodel" if uses_sqlmodel else "sqlalchemy"
    asynchronous = _is_async(sources, files, evidence)
    return Fact(
        value=f"{library}_{'async' if asynchronous else 'sync'}",
        confidence=Confidence.CERTAIN if evidence else Confidence.LIKELY,
        evidence=evidence,
    )


def _imports(sources: Sources, files: list[str], *packages: str) -> bool:
    """Return True if one of the packages is imported."""
    wanted = frozenset(files)
    return any(file in wanted for file, _ in sources.importers(packages))


def _without_orm(sources: Sources, files: list[str]) -> Fact[str]:
    for layer, packages in _OTHER.items():
        if layer != "other" and _imports(sources, files, *packages):
            return Fact(value=layer, confidence=Confidence.LIKELY)
    if _imports(sources, files, "asyncpg"):
        return Fact(value="asyncpg", confidence=Confidence.LIKELY)
    if _imports(sources, files, "psycopg", "psycopg2", "psycopg_pool"):
        return Fact(value="psycopg", confidence=Confidence.LIKELY)
    if _imports(sources, files, *_OTHER["other"]):
        return Fact(value="other", confidence=Confidence.LIKELY)
    return Fact(value="none", confidence=Confidence.LIKELY)


def _uses_orm(sources: Sources, files: list[str]) -> bool:
    words = ("sessionmaker", "AsyncSession", "DeclarativeBase", "declarative_base")
    return any(
        word in (sources.repository.text(name) or "")
        for name in files
        for word in words
    )


def _is_async(
    sources: Sources, files: list[str], evidence: tuple[Evidence, ...]
) -> bool:
    """Believe what handlers depend on, then what most modules speak of."""
    for place in evidence[:1]:
        body = sources.repository.text(place.path) or ""
        following = "\n".join(body.splitlines()[max(place.line - 1, 0) :][:12])
        if re.search(
            r"async def|create_async_engine|AsyncEngine|AsyncSession", following
        ):
            return True
        if re.match(r"\s{0,99}def ", following) and "yield" in following:
            return "async_session" in following
        if "create_async_engine" in body:
            return not re.search(r"(?<!async_)\bcreate_engine\(", body)
    speaking = {*sources.mentioning("Session", "_engine")} & {*files}
    texts = [sources.repository.text(name) or "" for name in speaking]
    asynchronous = sum("AsyncSession" in t or "create_async_engine" in t for t in texts)
    return asynchronous * 2 > sum(
        "AsyncSession" in t
        or "create_async_engine" in t
        or re.search(r"\bSession\b|\bcreate_engine\(", t) is not None
        for t in texts
    )


def _metadata(
    sources: Sources, files: list[str], application: Application, layer: str | None
) -> Fact[str]:
    if layer is None or not layer.startswith(("sqlalchemy", "sqlmodel")):
        return Fact()
    found = list(_bases(sources, files))
    if found:
        importers = Importers(sources, files)
        found.sort(key=lambda f: (-importers.count(f[0], f[2]), f[0].count("/"), f[0]))
        name, number, target = found[0]
        if layer.startswith("sqlmodel") and not importers.count(name, target):
            return Fact(value="sqlmodel:SQLModel", confidence=Confidence.LIKELY)
        return Fact(
            value=_symbol(application, name, target),
            confidence=Confidence.CERTAIN if len(found) == 1 else Confidence.LIKELY,
            evidence=(Evidence(path=name, line=number, why="declares the base"),),
        )
    if layer.startswith("sqlmodel"):
        return Fact(value="sqlmodel:SQLModel", confidence=Confidence.CERTAIN)
    return Fact()


def _bases(sources: Sources, files: list[str]) -> Iterator[tuple[str, int, str]]:
    declaring = {"DeclarativeBase", "DeclarativeBaseNoMeta"}
    making = {"declarative_base", "generate_base", "as_declarative"}
    for name in files:
        source = sources.repository.text(name) or ""
        if not any(word in source for word in (*declaring, *making)):
            continue
        module = sources.module(name)
        for definition in module.classes():
            bases = definition.child_by_field_name("superclasses")
            if bases is not None and any(
                text(b).rpartition(".")[2] in declaring for b in bases.named_children
            ):
                yield name, line(definition), name_of(definition)
        for assignment in module.assignments():
            if callee(assignment.value).rpartition(".")[2] in making:
                yield name, line(assignment.node), assignment.target
