"""The rendered package of each strategy, and databases with the auth tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import auth_server
from support.sessions import (
    SECRET,
    STRATEGIES,
    connect,
    create_tables,
    render_package,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from support.sessions import Database, Serve, Server


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What the rendered package runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def packages(template: Path, shared: Path) -> Mapping[str, str]:
    """The name that the package of each strategy is imported by."""
    folder = shared / "packages"
    return {s: render_package(template, folder / s, s) for s in STRATEGIES}


@pytest.fixture(scope="session")
def auth_server_folder(template: Path, shared: Path) -> Path:
    """A built auth server that signs people in at once, and issues tokens."""
    answers = {
        "auth_methods": ["email_password"],
        "auth_email_verification": False,
        "auth_session_validation": "jwt",
        "auth_database_provider": "local",
        "auth_migration_system": "none",
        "auth_deployment": "docker",
    }
    return auth_server.built(template, shared, answers)


@pytest.fixture
def serve(packages: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Run an application with a strategy, in an environment."""

    def run(strategy: str, **environment: str) -> AbstractAsyncContextManager[Server]:
        variables = {"BETTER_AUTH_SECRET": SECRET, **environment}
        return serving(packages[strategy], monkeypatch, **variables)

    return run


@pytest.fixture
def auth_database(database_url: str) -> str:
    """The URL of a database for this test alone, with auth tables and triggers."""
    create_tables(database_url)
    return database_url


@pytest.fixture
async def database(auth_database: str, anyio_backend: str) -> AsyncIterator[Database]:
    """A connection as the auth server's."""
    assert anyio_backend
    connection = await connect(auth_database)
    yield connection
    await connection.close()


@pytest.fixture(params=["database", "cached"])
async def server(
    request: pytest.FixtureRequest,
    serve: Serve,
    auth_database: str,
) -> AsyncIterator[Server]:
    """A server with each strategy that takes the session cookie."""
    origins = "https://app.test"
    async with serve(
        request.param, DATABASE_URL=auth_database, CORS_ORIGINS=origins
    ) as running:
        if request.param == "cached":
            await running.caches()
        yield running
