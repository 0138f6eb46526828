"""Find how handlers reach the database: layer, session, driver and metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Fact
from .clients import find_client, other_layer
from .drivers import find_driver, find_sqlite
from .engines import find_engine
from .layers import find_layer, is_asynchronous
from .metadata import find_metadata
from .sessions import find_session

if TYPE_CHECKING:
    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .sources import Sources

# Packages of SQLAlchemy's family are called after what they extend.
_DATABASES = ("sqlalchemy", "sqlmodel", "asyncpg", "psycopg", "tortoise", "alembic")


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
    sources: Sources,
    application: Application,
    loaded: Loaded,
    dependencies: frozenset[str],
    migrated_by: str | None,
) -> Database:
    """Read it from the code that the application loads, never from dependencies.

    ``migrated_by`` is the migration system that was found.
    """
    beside = [*sources.below(application.import_root)]
    files = _telling(sources, beside, loaded)
    session = find_session(sources, files, application, loaded)
    wanted = (
        is_asynchronous(sources, files, session.evidence) if session.value else None
    )
    engine, is_object = find_engine(sources, files, application, loaded, wanted=wanted)
    is_migrated = migrated_by == "alembic"
    if engine.value and not is_migrated and _leaves_the_database(sources, loaded):
        # What is there is left over, or another program's: to import it may fail.
        files, engine, is_object = [*loaded.files], Fact(), False
        session = find_session(sources, files, application, loaded)
    other = other_layer(sources, files)
    layer = find_layer(sources, files, engine, session, other)
    package = other[1] if other and layer.value == other[0] else None
    if package:
        session = find_client(sources, files, application, loaded, package)
        if not session.value:  # some look their configuration up by its name
            session = find_client(sources, beside, application, loaded, package)
        is_object = False
        engine = engine if layer.value == "tortoise" else Fact()
    symbol = session if session.value else engine
    return Database(
        layer=layer,
        driver=find_driver(
            sources, files, dependencies, layer.value, engine, package, symbol
        ),
        symbol=Fact(
            value=symbol.value, confidence=symbol.confidence, evidence=symbol.evidence
        ),
        engine=engine,
        engine_is_object=is_object,
        metadata=find_metadata(
            sources, files, application, loaded, layer.value, package
        ),
        sqlite_too=find_sqlite(sources, files),
    )


def _telling(sources: Sources, beside: list[str], loaded: Loaded) -> list[str]:
    """Return what is loaded, where that is all and reaches a database; else all."""
    alone = len(loaded.files) == 1  # nothing follows from a single module
    if loaded.is_all and not alone and _reaches_a_database(sources, loaded):
        return [*loaded.files]
    return loaded.first(beside)


def _reaches_a_database(sources: Sources, loaded: Loaded) -> bool:
    files = [*loaded.files]
    tops = {
        found.module.partition(".")[0]
        for name in files
        for found in sources.module(name).imports
        if not found.level
    }
    uses_sql = any(top.startswith(_DATABASES) for top in tops)
    return uses_sql or other_layer(sources, files) is not None


def _leaves_the_database(sources: Sources, loaded: Loaded) -> bool:
    """Return True if all that the application loads leaves its database aside.

    Nothing follows from a single module.
    """
    if not loaded.is_all or len(loaded.files) == 1:
        return False
    return not _reaches_a_database(sources, loaded)
