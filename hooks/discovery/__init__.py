"""What is this repository? Facts with evidence, read from its files alone.

Nothing of the repository is imported or run, and nothing that could be a secret is
kept: of a database URL only the provider remains.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..fastapi_code.import_graph import NOTHING_LOADED
from ..model import (
    AppCandidate,
    Confidence,
    Evidence,
    Fact,
    Facts,
    Heads,
    OwnSignIn,
    UserTable,
)
from ..repository import Repository
from .accounts import find_authentication
from .applications import candidate, confidence, find_applications
from .budget import SECONDS, within
from .compose_migration import find_compose_migration
from .compose_service import find_compose_service
from .configuration import find_api_prefix, find_cors_origins
from .database import UNKNOWN_DATABASE, find_database
from .environment import find_provider
from .front_end_port import find_front_end_origin
from .hidden_application import find_hidden_application
from .manifest import (
    dependency_names,
    find_manifest_dir,
    find_package_manager,
    find_requires_python,
)
from .migrations import UNKNOWN_MIGRATIONS, find_migrations
from .neighbours import (
    find_auth_server,
    find_front_end,
    find_frontend,
    find_git,
    find_node_package_manager,
    find_separate_better_auth,
    find_spec_kit,
)
from .own_sign_in import find_own_sign_in
from .people import describe_user_tables
from .schemas import find_schema
from .settings import find_settings
from .sources import Sources
from .target_metadata import find_target_metadata, metadata_of_alembic
from .user_tables import find_user_tables
from .whole_applications import is_ambiguous

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .application import Application

__all__ = ["discover"]

T = TypeVar("T")
_UNKNOWN: Fact[str] = Fact()
_NO_NAMES: Fact[tuple[str, ...]] = Fact()
_NO_TABLES: Fact[tuple[UserTable, ...]] = Fact()
_NO_SIGN_IN: Fact[OwnSignIn] = Fact()


class Ask(Protocol):
    """Runs a probe within its time; see ``budget.py``."""

    def __call__(self, probe: Callable[[], T], unknown: T, /) -> T:
        """Return what the probe finds, or ``unknown`` with the reason."""
        ...


def discover(
    root: Path, backend_dir: str = "", app: str = "", *, seconds: float = SECONDS
) -> Facts:
    """Find out what is at ``root``; reads only.

    ``backend_dir`` and ``app`` (``module:attribute``) choose the application, where a
    person has done so; else the likeliest is described. A probe that takes more than
    ``seconds`` leaves its fact unknown.
    """
    repository = Repository(root)
    sources = Sources(repository)
    ask = partial(within, repository, seconds)
    found = find_applications(sources)
    ambiguous = is_ambiguous(sources, found)
    chosen = _chosen(found, backend_dir, app)
    server = ask(lambda: find_auth_server(repository), _UNKNOWN)
    frontend = ask(lambda: find_frontend(repository, server.value), _UNKNOWN)
    branch, remote = find_git(repository)
    folder = frontend.value or server.value
    around = {
        "auth_server_dir": server,
        "separate_better_auth": find_separate_better_auth(repository),
        "frontend_dir": frontend,
        "front_end": find_front_end(repository, frontend.value),
        "front_end_origin": find_front_end_origin(repository, frontend.value),
        "node_package_manager": ask(
            lambda: find_node_package_manager(repository, folder), _UNKNOWN
        ),
        "spec_kit": ask(lambda: find_spec_kit(repository), _UNKNOWN),
        "git_branch": branch,
        "git_remote": remote,
    }
    candidates = tuple(candidate(application) for application in found)
    if chosen is None:
        hidden = find_hidden_application(sources)
        return _without_application(candidates, hidden, around, ambiguous=ambiguous)
    sure = confidence(chosen, found)
    return _described(
        sources, chosen, candidates, around, ask, sure=sure, ambiguous=ambiguous
    )


def _chosen(found: list[Application], backend_dir: str, app: str) -> Application | None:
    module, _, attr = app.partition(":")
    fits = [
        a
        for a in found
        if (not backend_dir or a.backend_dir == backend_dir)
        and (not app or (a.module == module and a.attr == attr.removesuffix("()")))
    ]
    return next(iter(fits or found), None)


def _described(  # noqa: PLR0913 - what is known by then
    sources: Sources,
    application: Application,
    candidates: tuple[AppCandidate, ...],
    around: dict[str, Fact[str]],
    ask: Ask,
    *,
    sure: Confidence,
    ambiguous: bool,
) -> Facts:
    repository, backend = sources.repository, application.backend_dir
    dependencies = dependency_names(
        repository, application.file.rpartition("/")[0] or "."
    )
    loaded = ask(
        lambda: sources.loaded(application.file, application.import_root),
        NOTHING_LOADED,
    )
    migrations = ask(lambda: find_migrations(repository, backend), UNKNOWN_MIGRATIONS)
    database = ask(
        lambda: find_database(
            sources, application, loaded, dependencies, migrations.system.value
        ),
        UNKNOWN_DATABASE,
    )
    env = migrations.env.value
    metadata = database.metadata
    compared = ask(
        lambda: metadata_of_alembic(sources, application.import_root, env),
        _UNKNOWN,
    )
    metadata = compared if compared.value else metadata
    alembic = f"alembic {migrations.options.value or ''}".rstrip()
    locations = migrations.locations.value or ()
    needed = tuple(filter(None, (migrations.ini.value, *locations)))
    compose_file, compose_service = ask(
        lambda: find_compose_service(repository, backend), (_UNKNOWN, _UNKNOWN)
    )
    schema = ask(lambda: find_schema(sources, application, env), _UNKNOWN)
    user_tables = ask(
        lambda: find_user_tables(sources, application, loaded, locations), _NO_NAMES
    )
    made = Evidence(path=application.file, line=application.line, why="makes the app")
    evidence = (made, *application.evidence[:3])

    def known(value: str) -> Fact[str]:
        return Fact(value=value, confidence=sure, evidence=evidence)

    first = application.module.partition(".")[0]
    flat = "." not in application.module and not application.file.endswith(
        "__init__.py"
    )
    root = "" if application.import_root == "." else f"{application.import_root}/"
    return Facts(
        backend_dir=known(backend),
        app_module=known(application.module),
        app_attr=known(application.attr),
        factory=Fact(
            value=application.is_factory,
            confidence=sure,
            evidence=evidence,
        ),
        candidates=candidates,
        ambiguous=ambiguous,
        package_dir=known("" if flat else f"{root}{first}"),
        python_package_manager=ask(
            lambda: find_package_manager(repository, backend), _UNKNOWN
        ),
        requires_python=ask(
            lambda: find_requires_python(repository, backend), _UNKNOWN
        ),
        db_layer=database.layer,
        db_driver=database.driver,
        db_symbol=database.symbol,
        engine_symbol=database.engine,
        engine_is_object=Fact(value=database.engine_is_object),
        sqlite_too=database.sqlite_too,
        table_schema=schema,
        compose_file=compose_file,
        compose_service=compose_service,
        compose_migration=ask(
            lambda: find_compose_migration(
                repository, compose_file, compose_service, alembic, needed
            ),
            _UNKNOWN,
        ),
        base_metadata=metadata,
        target_metadata=ask(lambda: find_target_metadata(sources, env), _UNKNOWN),
        migration_system=migrations.system,
        alembic_ini=migrations.ini,
        alembic_versions_dir=migrations.versions,
        alembic_file_template=migrations.file_template,
        heads=migrations.heads,
        presumed_table=migrations.presumed,
        alembic_dir=migrations.directory,
        alembic_options=migrations.options,
        alembic_locations=migrations.locations,
        alembic_env=migrations.env,
        existing_user_tables=user_tables,
        user_tables=ask(
            lambda: describe_user_tables(
                sources, application, loaded, user_tables, schema.value or ""
            ),
            _NO_TABLES,
        ),
        own_sign_in=ask(
            lambda: find_own_sign_in(sources, application, loaded), _NO_SIGN_IN
        ),
        existing_auth=ask(
            lambda: find_authentication(
                sources, application, loaded, around["auth_server_dir"].value
            ),
            _UNKNOWN,
        ),
        database_provider_hint=ask(
            lambda: find_provider(
                sources,
                application,
                loaded,
                database.layer.value,
                database.driver.value,
            ),
            _UNKNOWN,
        ),
        settings_module=ask(
            lambda: find_settings(sources, application, loaded), _UNKNOWN
        ),
        cors_origins=ask(
            lambda: find_cors_origins(sources, application, loaded), _NO_NAMES
        ),
        import_root=known(application.import_root),
        app_file=known(application.file),
        api_prefix=ask(lambda: find_api_prefix(sources, application), _UNKNOWN),
        manifest_dir=find_manifest_dir(
            repository, application.file.rpartition("/")[0] or "."
        ),
        **around,
    )


def _without_application(
    candidates: tuple[AppCandidate, ...],
    hidden: Fact[str],
    around: dict[str, Fact[str]],
    *,
    ambiguous: bool,
) -> Facts:
    nothing: Fact[str] = Fact(confidence=Confidence.UNKNOWN)
    names = [
        name
        for name in Facts.__dataclass_fields__
        if name not in {"candidates", "ambiguous", "factory", "heads", *around}
        and name not in {"engine_is_object", "sqlite_too"}
        and name not in {"existing_user_tables", "cors_origins", "alembic_locations"}
        and name not in {"user_tables", "own_sign_in"}
    ]
    unknown = dict.fromkeys(names, nothing) | {"app_module": hidden}
    no_heads: Fact[Heads] = Fact()
    no_names: Fact[tuple[str, ...]] = Fact()
    no_flag: Fact[bool] = Fact()
    return Facts(
        candidates=candidates,
        ambiguous=ambiguous,
        factory=no_flag,
        engine_is_object=no_flag,
        sqlite_too=no_flag,
        heads=no_heads,
        existing_user_tables=no_names,
        user_tables=_NO_TABLES,
        own_sign_in=_NO_SIGN_IN,
        cors_origins=no_names,
        alembic_locations=no_names,
        **unknown,
        **around,
    )
