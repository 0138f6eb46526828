"""Which of what was found is asked about all the same: what discovery cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..discovery.shared_postgres import shares_postgres
from ..model import Confidence

if TYPE_CHECKING:
    from ..model import Fact, Facts

_FACTS = {
    "auth_app": "app_module",
    "auth_backend_dir": "backend_dir",
    "auth_database_layer": "db_layer",
    "auth_database_provider": "database_provider_hint",
    "auth_database_symbol": "engine_symbol",
    "auth_migration_system": "migration_system",
    "auth_package_manager": "python_package_manager",
}
_OF_THE_DATABASE = frozenset(
    {"auth_database_provider", "auth_database_symbol", "auth_migration_system"}
)
# The others have a default that is right where nothing was found.
_NEEDED = frozenset({"auth_database_provider", "auth_package_manager"})


def is_open(question: str, facts: Facts) -> bool:
    """Return True if discovery has no answer that it holds for likely or certain.

    A new application has nothing to be found, and which of several applications is
    meant has its own question.
    """
    is_new = facts.app_module.value is None
    if is_new or question not in _FACTS:
        return False
    if question in _OF_THE_DATABASE and not shares_postgres(facts):
        return False
    fact: Fact[str] = getattr(facts, _FACTS[question])
    if fact.value is None:
        return question in _NEEDED or fact.problem is not None
    return fact.confidence is Confidence.UNKNOWN and not facts.ambiguous
