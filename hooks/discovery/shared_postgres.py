"""Whether the application has a PostgreSQL that the auth tables can be in too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Facts

_NOT_POSTGRES = {"mongo", "tortoise", "other", "none"}


def shares_postgres(facts: Facts) -> bool:
    """Return True if the application has a PostgreSQL for the auth tables."""
    layer = str(facts.db_layer.value)
    return layer not in _NOT_POSTGRES and _speaks_postgres(facts)


def _speaks_postgres(facts: Facts) -> bool:
    driver = facts.db_driver.value
    if driver in {"aiosqlite", "aiomysql", "asyncmy", "pymysql"}:
        return False
    return facts.database_provider_hint.value != "sqlite" or driver is not None
