"""Find how handlers reach the database: layer, driver, session, engine, metadata."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax import callee, line, name_of, text
from .sources import dotted_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .applications import Application
    from .sources import Sources

_ENGINES = {"create_async_engine": True, "create_engine": False}
_DRIVERS = (
    "asyncpg",
    "psycopg2",
    "psycopg",
    "aiosqlite",
    "aiomysql",
    "asyncmy",
    "pymysql",
)
_OTHER = {
    "mongo": ("motor", "beanie", "pymongo", "odmantic"),
    "tortoise": ("tortoise",),
    "other": (
        "google.cloud.firestore",
        "firebase_admin",
        "peewee",
        "databases",
        "supabase",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Database:
    """Everything about the database that code tells."""

    layer: Fact[str]
    driver: Fact[str]
    symbol: Fact[str]
    engine: Fact[str]
    metadata: Fact[str]


def find_database(
    sources: Sources, application: Application, dependencies: frozenset[str]
) -> Database:
    """Read it from the code beside the application, never from dependencies alone."""
    files = [f for f in sources.python if _is_reachable(f, application)]
    engine = _find_engine(sources, files, application)
    session = _find_session(sources, files, application)
    layer = _layer(sources, files, engine, session)
    driver = _driver(sources, files, dependencies, layer.value)
    metadata = _metadata(sources, files, application, layer.value)
    return Database(
        layer=layer,
        driver=driver,
        symbol=Fact(
            value=session.value or engine.value,
            confidence=session.confidence if session.value else engine.confidence,
            evidence=session.evidence or engine.evidence,
        ),
        engine=engine,
        metadata=metadata,
    )


def _is_reachable(name: str, application: Application) -> bool:
    root = application.import_root
    return root == "." or name.startswith(f"{root}/")


def _symbol(application: Application, name: str, attr: str) -> str:
    return f"{dotted_name(application.import_root, name)}:{attr}"


def _find_engine(
    sources: Sources, files: list[str], application: Application
) -> Fact[str]:
    found: list[tuple[int, str, int, str]] = []
    for name in files:
        source = sources.repository.text(name) or ""
        if "create_engine" not in source and "create_async_engine" not in source:
            continue
        for assignment in sources.module(name).assignments():
            called = callee(assignment.value).rpartition(".")[2]
            if called in _ENGINES:
                worse = int(assignment.target.startswith("_") or "test" in name)
                found.append((worse, name, line(assignment.node), assignment.target))
    if not found:
        return Fact()
    counts = _importers(sources, files)
    found.sort(
        key=lambda f: (f[0], -counts.get((f[1], f[3]), 0), f[1].count("/"), f[1])
    )
    _, name, number, target = found[0]
    return Fact(
        value=_symbol(application, name, target),
        confidence=Confidence.CERTAIN if len(found) == 1 else Confidence.LIKELY,
        evidence=(Evidence(path=name, line=number, why="makes the engine"),),
    )


def _importers(sources: Sources, files: list[str]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for name in files:
        for found in sources.module(name).imports:
            if found.name:
                for other in files:
                    if other.endswith(f"{found.module.replace('.', '/')}.py"):
                        key = (other, found.name)
                        counts[key] = counts.get(key, 0) + 1
    return counts


_SESSION_WORDS = (
    "Session",
    "session",
    "pool",
    "Pool",
    "connection",
    "acquire",
    "yield db",
)


def _find_session(
    sources: Sources, files: list[str], application: Application
) -> Fact[str]:
    """Find the generator that most handlers depend on."""
    uses: dict[str, int] = {}
    for name in files:
        source = sources.repository.text(name) or ""
        for used in re.findall(r"Depends\(\s*([\w.]+)", source):
            uses[used.rpartition(".")[2]] = uses.get(used.rpartition(".")[2], 0) + 1
    found: list[tuple[int, int, str, int, str]] = []
    for name in files:
        for function in sources.module(name).functions():
            body = text(function)
            if "yield" not in body or not any(w in body for w in _SESSION_WORDS):
                continue
            called = name_of(function)
            decorated = function.parent is not None and (
                function.parent.type == "decorated_definition"
            )
            if not decorated and uses.get(called, 0):
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


def _layer(
    sources: Sources, files: list[str], engine: Fact[str], session: Fact[str]
) -> Fact[str]:
    imports = {
        found.module
        for name in files
        for found in sources.module(name).imports
        if not found.level
    }
    tops = {module.partition(".")[0] for module in imports}
    evidence = session.evidence or engine.evidence
    if evidence or "sqlalchemy" in tops or "sqlmodel" in tops:
        if (
            engine.value is None
            and session.value is None
            and not _uses_orm(sources, files)
        ):
            return _without_orm(imports, tops)
        library = "sqlmodel" if _is_sqlmodel(sources, files) else "sqlalchemy"
        asynchronous = _is_async(sources, files, evidence)
        return Fact(
            value=f"{library}_{'async' if asynchronous else 'sync'}",
            confidence=Confidence.CERTAIN if evidence else Confidence.LIKELY,
            evidence=evidence,
        )
    return _without_orm(imports, tops)


def _without_orm(imports: set[str], tops: set[str]) -> Fact[str]:
    for layer, packages in _OTHER.items():
        for package in packages:
            if package in tops or package in imports:
                return Fact(value=layer, confidence=Confidence.LIKELY)
    for layer in ("asyncpg", "psycopg"):
        if layer in tops or (layer == "psycopg" and "psycopg2" in tops):
            return Fact(value=layer, confidence=Confidence.LIKELY)
    return Fact(value="none", confidence=Confidence.LIKELY)


def _uses_orm(sources: Sources, files: list[str]) -> bool:
    return any(
        word in (sources.repository.text(name) or "")
        for name in files
        for word in (
            "sessionmaker",
            "AsyncSession",
            "DeclarativeBase",
            "declarative_base",
        )
    )


def _is_sqlmodel(sources: Sources, files: list[str]) -> bool:
    return any(
        found.module.partition(".")[0] == "sqlmodel"
        for name in files
        for found in sources.module(name).imports
    )


def _is_async(
    sources: Sources, files: list[str], evidence: tuple[Evidence, ...]
) -> bool:
    for place in evidence[:1]:
        body = sources.repository.text(place.path) or ""
        following = "\n".join(body.splitlines()[max(place.line - 1, 0) :][:12])
        if "async def" in following or "create_async_engine" in following:
            return True
        if "def " in following.splitlines()[0]:
            return "AsyncSession" in following or "async_session" in following
    texts = [sources.repository.text(name) or "" for name in files]
    return any("create_async_engine" in t for t in texts) and not any(
        re.search(r"(?<!async_)\bcreate_engine\(", t) for t in texts
    )


def _driver(
    sources: Sources, files: list[str], dependencies: frozenset[str], layer: str | None
) -> Fact[str]:
    if layer in {None, "none", "mongo", "other"}:
        return Fact()
    for pattern in (r"postgresql\+(\w+)", r"postgres\+(\w+)"):
        for name in files:
            content = sources.repository.text(name) or ""
            found = re.search(pattern, content)
            if found and found[1] in _DRIVERS:
                number = content.count("\n", 0, found.start()) + 1
                wants_async = str(layer).endswith("async")
                if wants_async and found[1].startswith("psycopg2"):
                    continue
                why = "names the driver in a URL"
                evidence = (Evidence(path=name, line=number, why=why),)
                return Fact(
                    value=found[1], confidence=Confidence.CERTAIN, evidence=evidence
                )
    order = (
        ("asyncpg", "psycopg", "aiosqlite", "aiomysql", "asyncmy")
        if str(layer).endswith("async") or layer in {"asyncpg", "tortoise"}
        else ("psycopg2", "psycopg", "pymysql", "asyncpg")
    )
    for driver in order:
        names = {driver, f"{driver}-binary"}
        if names & dependencies:
            return Fact(value=driver, confidence=Confidence.LIKELY)
    return Fact()


def _metadata(
    sources: Sources, files: list[str], application: Application, layer: str | None
) -> Fact[str]:
    if layer is None or not layer.startswith(("sqlalchemy", "sqlmodel")):
        return Fact()
    found = list(_bases(sources, files))
    if found:
        counts = _importers(sources, files)
        found.sort(key=lambda f: (-counts.get((f[0], f[2]), 0), f[0].count("/"), f[0]))
        name, number, target = found[0]
        if layer.startswith("sqlmodel") and not counts.get((name, target)):
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
    declaring = {"DeclarativeBase", "DeclarativeBaseNoMeta", "orm.DeclarativeBase"}
    making = {"declarative_base", "generate_base", "as_declarative"}
    for name in files:
        source = sources.repository.text(name) or ""
        if not any(word in source for word in (*declaring, *making, "MetaData(")):
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
