"""Find the layer that handlers reach the database by: SQLAlchemy's, or another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Fact
from ..syntax.python import line, text

if TYPE_CHECKING:
    from ..model import Evidence
    from .sources import Sources

_SQL = ("sqlalchemy", "sqlmodel", "asyncpg", "psycopg", "psycopg2", "psycopg_pool")
# What reads and writes by SQLAlchemy itself.
_QUERIES = re.compile(
    r"\b(?:async_)?sessionmaker\(|\bAsyncSession\b|\bSession\(|scoped_session"
    r"|\bengine\.(?:connect|begin)\("
)
_POOLS = re.compile(
    r"create_pool|\.acquire\(|ConnectionPool|\.connection\(\)|\bconnect\("
)
# What is written of sessions that are awaited.
_IS_ASYNC = re.compile(
    r"\b(?:create_async_engine|AsyncEngine|AsyncSession|async_session\w{0,20})\b"
    r"|\basync with\b|\bawait \w{0,40}(?:db|session|conn)\w{0,40}\."
)
_CALLED = re.compile(r"\b(\w{1,99})\(")
_SESSIONS = re.compile(r"[Ss]ession|create_(?:async_)?engine|[Ee]ngine")


def find_layer(
    sources: Sources,
    files: list[str],
    engine: Fact[str],
    session: Fact[str],
    other: tuple[str, str] | None,
) -> Fact[str]:
    """Return what the code of the session, or of the engine, is made with.

    ``other`` are the layer and the package of what SQLAlchemy does not reach.
    """
    tops = sources.packages_in(files, _SQL)
    evidence = session.evidence or engine.evidence
    uses_sqlalchemy = bool({"sqlalchemy", "sqlmodel"} & tops)
    if not uses_sqlalchemy or not (evidence or _uses_orm(sources, files)):
        return _without_orm(other, tops)
    if other and not session.value and not _queries(sources, files):
        return _without_orm(other, tops)  # SQLAlchemy only describes its tables
    if pool := _pool(sources, evidence, tops):
        return Fact(value=pool, confidence=Confidence.LIKELY, evidence=evidence)
    library = "sqlmodel" if "sqlmodel" in tops else "sqlalchemy"
    asynchronous = is_asynchronous(sources, files, evidence)
    return Fact(
        value=f"{library}_{'async' if asynchronous else 'sync'}",
        confidence=Confidence.CERTAIN if evidence else Confidence.LIKELY,
        evidence=evidence,
    )


def _without_orm(other: tuple[str, str] | None, tops: frozenset[str]) -> Fact[str]:
    layer = other[0] if other else "none"
    if layer == "none" and "asyncpg" in tops:
        layer = "asyncpg"
    elif layer == "none" and {"psycopg", "psycopg2", "psycopg_pool"} & tops:
        layer = "psycopg"
    return Fact(value=layer, confidence=Confidence.LIKELY)


def _queries(sources: Sources, files: list[str]) -> bool:
    texts = (sources.repository.text(name) or "" for name in files)
    return any(_QUERIES.search(text) for text in texts)


def _pool(
    sources: Sources, evidence: tuple[Evidence, ...], tops: frozenset[str]
) -> str | None:
    """Return whose pool or connection handlers are given, where it is no session."""
    for place in evidence[:1]:
        following = _said(sources, place)
        if _SESSIONS.search(following) or not _POOLS.search(following):
            return None
        if "asyncpg" in tops:
            return "asyncpg"
        return "psycopg" if {"psycopg", "psycopg2", "psycopg_pool"} & tops else None
    return None


def _uses_orm(sources: Sources, files: list[str]) -> bool:
    words = ("sessionmaker", "AsyncSession", "DeclarativeBase", "declarative_base")
    return any(
        word in (sources.repository.text(name) or "")
        for name in files
        for word in words
    ) or any(
        found.name == "Session" and found.module in {"sqlalchemy.orm", "sqlmodel"}
        for name in files
        if "Session" in (sources.repository.text(name) or "")
        for found in sources.module(name).imports
    )


def _said(sources: Sources, place: Evidence) -> str:
    """Return the function or the class that begins there, else the next lines."""
    module = sources.module(place.path)
    for node in (*module.functions(), *module.classes()):
        if line(node) == place.line:
            return text(node)
    content = sources.repository.text(place.path) or ""
    return "\n".join(content.splitlines()[max(place.line - 1, 0) :][:12])


def _made_async(sources: Sources, files: list[str], said: str) -> bool | None:
    """Return whether what a function calls makes awaited sessions, where that shows.

    A generator may be ``async def`` and give plain sessions.
    """
    called = {*_CALLED.findall(said)}
    for name in files:
        if "sessionmaker" not in (sources.repository.text(name) or ""):
            continue
        for assignment in sources.module(name).assignments():
            value = text(assignment.value)
            if assignment.target in called and "session" in value:
                return _IS_ASYNC.search(value) is not None
    return False if "Session" in called else None


def is_asynchronous(
    sources: Sources, files: list[str], evidence: tuple[Evidence, ...]
) -> bool:
    """Believe what handlers depend on, then what most modules speak of."""
    for place in evidence[:1]:
        body = sources.repository.text(place.path) or ""
        said = _said(sources, place)
        if _IS_ASYNC.search(said):
            return True
        if "yield" in said and "def " in said:
            made = _made_async(sources, files, said)
            return said.startswith("async") if made is None else made
        if "async def" in said:
            return True
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
