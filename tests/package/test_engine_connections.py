"""Sessions are looked up where the application's engine connects, and as it does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from support.auth_server import render
from support.postgres import execute
from support.sessions import SECRET, connect, create_tables, serving, sign_in

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

# The address alone leads nowhere: what counts is beside it.
ENGINES = {
    "asyncpg": """
        create_async_engine(
            "postgresql+asyncpg://nobody@db.invalid/none",
            connect_args={
                "host": "127.0.0.1", "port": PORT, "user": "app", "database": NAME,
                "ssl": False, "server_settings": {"search_path": "tenant"},
            },
        )""",
    "asyncpg_creator": """
        create_async_engine(
            "postgresql+asyncpg://",
            async_creator=lambda: asyncpg.connect(
                ADDRESS, server_settings={"search_path": "tenant"}
            ),
        )""",
    "psycopg_async": """
        create_async_engine(
            "postgresql+psycopg://nobody@db.invalid/none",
            connect_args={
                "host": "127.0.0.1", "port": PORT, "user": "app", "dbname": NAME,
                "options": "-c search_path=tenant", "sslmode": "prefer",
            },
        )""",
    "psycopg_sync": """
        create_engine(
            "postgresql+psycopg://nobody@db.invalid/none",
            connect_args={
                "host": "127.0.0.1", "port": PORT, "user": "app", "dbname": NAME,
                "options": "-c search_path=tenant", "keepalives_idle": 30,
            },
        )""",
}


@pytest.fixture(params=ENGINES)
def package(
    request: pytest.FixtureRequest,
    template: Path,
    tmp_path: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The name of a rendered package in an application with one of the engines."""
    engine = request.param
    name = f"auth_beside_{engine}"
    kind = "sync" if engine.endswith("_sync") else "async"
    answers = {
        "auth_session_validation": "cached",
        "auth_database_layer": f"sqlalchemy_{kind}",
        "auth_database_symbol": f"{name}_db:engine",
        "auth_migration_system": "none",
        "auth_package_dir": f"backend/{name}",
    }
    render(template, tmp_path, answers)
    port, _, database = database_url.rpartition(":")[2].partition("/")
    (tmp_path / f"backend/{name}_db.py").write_text(
        "import asyncpg\n"
        "from sqlalchemy import create_engine\n"
        "from sqlalchemy.ext.asyncio import create_async_engine\n"
        # As where a model refers to a user: the package is imported half-way.
        f"import {name}\n"
        f"PORT, NAME, ADDRESS = {int(port)}, {database!r}, {database_url!r}\n"
        f"engine = ({ENGINES[engine]})\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path / "backend"), *sys.path])
    return name


async def test_connect_args_reach_the_package(
    package: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Host, TLS and the session's settings, for look-ups and for listening."""
    tenant = f"{database_url}?options=-csearch_path%3Dtenant"
    execute(database_url, "create schema tenant")
    create_tables(tenant)
    writer = await connect(tenant.replace("options=-csearch_path%3D", "search_path="))
    async with serving(package, monkeypatch, BETTER_AUTH_SECRET=SECRET) as server:
        person = await sign_in(writer)
        answer = await server.get(person.cookie)
        assert answer.status_code == 200, answer.text
        await server.caches()
        assert (await server.get(f"{person.cookie}x")).status_code == 401
    await writer.close()
