"""From facts to the defaults of the questions, in the questions' own words."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..answers import choices, rules
from ..answers.paths import app_folder
from ..fastapi_code.auth_package import is_auth_package
from ..repository.paths import join
from .existing_users import recorded_table
from .shared_postgres import shares_postgres

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Facts
    from ..repository import Repository

_PROVIDERS = {
    "neon": "neon",
    "supabase": "supabase",
    "railway": "railway",
    "docker_service": "docker",
    "localhost": "local",
}
# The owner of such a name would be trusted with every user's session.
_PLACEHOLDER = re.compile(r"(^|[.-])your|(^|\.)example\.(com|org|net)$")
# Names and commands of the repository's own, which no answer may be in every case.
_MAY_BE_EMPTY = (
    "auth_api_prefix",
    "auth_alembic_dir",
    "auth_alembic_options",
    "auth_base_metadata",
    "auth_compose_file",
    "auth_compose_service",
    "auth_compose_migration",
)
_PACKAGE_NAMES = ("auth", "better_auth", "auth_sessions")
_SERVER_NAMES = ("auth-server", "better-auth", "auth-server-node")
_BACKEND_NAMES = ("backend", "api", "auth-backend")


def suggestions(
    facts: Facts, repository: Repository, backend_dir: str = "", app: str = ""
) -> Mapping[str, object]:
    """Return the default of every question that discovery can answer.

    ``backend_dir`` and ``app`` are what the user has chosen so far, or empty.
    """
    if facts.app_module.value is None:
        return _new_project(facts, repository, backend_dir, app)
    layer = str(facts.db_layer.value)
    has_postgres = shares_postgres(facts)
    found: dict[str, object | None] = {
        "auth_new_project": False,
        "auth_backend_dir": facts.backend_dir.value,
        "auth_app": _app(facts),
        "auth_import_root": facts.import_root.value,
        "auth_api_prefix": facts.api_prefix.value or "",
        "auth_alembic_dir": facts.alembic_dir.value or "",
        "auth_alembic_options": facts.alembic_options.value or "",
        "auth_base_metadata": _metadata(facts),
        "auth_compose_file": facts.compose_file.value,
        "auth_compose_service": facts.compose_service.value,
        "auth_compose_migration": facts.compose_migration.value,
        "auth_front_end": facts.front_end.value,
        "auth_package_dir": _package_dir(facts, repository),
        "auth_server_dir": _server_dir(facts, repository),
        "auth_database_layer": layer if has_postgres else "none",
        "auth_database_symbol": _engine(facts),
        "auth_database_provider": _provider(facts, has_postgres=has_postgres),
        "auth_migration_system": _migrations(facts, repository)
        if has_postgres
        else "none",
        "auth_package_manager": _one_of(
            facts.python_package_manager.value, choices.PACKAGE_MANAGERS, "pip"
        ),
        "auth_node_package_manager": _one_of(
            facts.node_package_manager.value, choices.NODE_PACKAGE_MANAGERS, "npm"
        ),
        "auth_cors_origins": _origins(facts),
        "auth_existing_users_table": recorded_table(facts),
    }
    for name in _MAY_BE_EMPTY:
        if found[name] and rules.problem(name, found[name]):
            found[name] = ""
    return {name: value for name, value in found.items() if value is not None}


def _new_project(
    facts: Facts, repository: Repository, backend_dir: str, app: str
) -> Mapping[str, object]:
    backend = backend_dir or _free(repository, _BACKEND_NAMES)
    chosen = app or "app.main:app"
    folder = app_folder(backend, chosen)
    package = chosen.partition(":")[0].rpartition(".")[0]
    return {
        "auth_new_project": True,
        "auth_backend_dir": backend,
        "auth_app": chosen,
        "auth_import_root": backend,
        "auth_api_prefix": "",
        "auth_base_metadata": "sqlmodel:SQLModel",
        "auth_package_dir": join(folder, "auth"),
        "auth_server_dir": _server_dir(facts, repository),
        "auth_database_symbol": f"{package}.db:engine" if package else "db:engine",
        **({"auth_cors_origins": origins} if (origins := _origins(facts)) else {}),
    }


def _app(facts: Facts) -> str:
    call = "()" if facts.factory.value else ""
    return f"{facts.app_module.value}:{facts.app_attr.value}{call}"


def _engine(facts: Facts) -> str:
    """Return an engine that can be imported as it is; a maker of engines cannot."""
    symbol = facts.engine_symbol.value
    return symbol if symbol and facts.engine_is_object.value else ""


def _metadata(facts: Facts) -> str:
    """Return what migrations are compared with, else what the models declare."""
    return facts.target_metadata.value or facts.base_metadata.value or ""


def _package_dir(facts: Facts, repository: Repository) -> str:
    """Return ``auth`` beside the application's modules, or a name that is free."""
    root = str(facts.import_root.value)
    folder = app_folder(root, f"{facts.app_module.value}:x")
    if facts.app_file.value and facts.app_file.value.endswith("__init__.py"):
        folder = str(PurePosixPath(facts.app_file.value).parent)
    for name in _PACKAGE_NAMES:
        path = join(folder, name)
        if is_auth_package(repository, path):
            return path
        if path not in repository.folders and f"{path}.py" not in repository.file_set:
            return path
    return join(folder, "auth_package")


def _server_dir(facts: Facts, repository: Repository) -> str:
    """Return an existing auth server that is nothing else too, or a free name."""
    found = facts.auth_server_dir.value
    others = {".", facts.frontend_dir.value, facts.backend_dir.value}
    if found and found not in others | {facts.separate_better_auth.value}:
        return found
    return _free(repository, _SERVER_NAMES)


def _free(repository: Repository, names: tuple[str, ...]) -> str:
    return next((n for n in names if n not in repository.folders), f"{names[0]}-2")


def _provider(facts: Facts, *, has_postgres: bool) -> str:
    if not has_postgres:
        return "embedded"
    return _PROVIDERS.get(str(facts.database_provider_hint.value), "other")


def _migrations(facts: Facts, repository: Repository) -> str:
    if facts.presumed_table.value:
        return "none"  # an empty database cannot be migrated, so ours are separate
    folder = facts.alembic_versions_dir.value or "."
    inside = repository.below(folder)
    is_sql = any(name.endswith(".sql") for name in inside)
    if facts.migration_system.value == "raw_sql" and not is_sql:
        return "none"  # what runs steps in Python would not see a file of SQL
    known = {"alembic": "alembic", "raw_sql": "sql"}
    return known.get(str(facts.migration_system.value), "none")


def _one_of(value: str | None, choices: tuple[str, ...], otherwise: str) -> str:
    return value if value in choices else otherwise


def _origins(facts: Facts) -> str | None:
    kept = [
        origin.rstrip("/")
        for origin in facts.cors_origins.value or ()
        if not rules.origins(origin.rstrip("/"))
        and (host := urlsplit(origin).hostname)
        and not _PLACEHOLDER.search(host)
    ]
    return ",".join(dict.fromkeys(kept)) or facts.front_end_origin.value
