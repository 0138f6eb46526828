"""A plugin is added to better-auth's configuration; ``sync`` brings the rest in step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import copy
from support.databases import LAYERS, alembic, with_alembic
from support.node import TSX, install_node_packages
from support.plugins import (
    CALLS,
    FIELD_VALUES,
    PLUGINS,
    add_plugins,
    calls_of,
)
from support.postgres import execute, new_database
from support.repositories import build
from support.template import commit_all, git

if TYPE_CHECKING:
    from support.copies import Copies

UNVERIFIED = ("-d", "auth_email_verification=false")
SERVER_MIGRATES = ("-d", "auth_migration_system=none", "-d", "auth_database_layer=none")
FIND = """
import asyncio, json, sys
from urllib.parse import unquote
from {package}.sessions import DatabaseStrategy

async def main():
    strategy = DatabaseStrategy()
    session = await strategy.find(unquote(sys.argv[1].partition("=")[2]))
    print(json.dumps(vars(session.user), default=lambda v: v.isoformat() if hasattr(v, "isoformat") else str(v)))
    await strategy.close()

asyncio.run(main())
"""


def sync(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [Path(sys.executable).with_name("copier-better-auth"), "sync", *options],
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def run_node(server: Path, database_url: str, *arguments: str) -> str:
    """Run a script of the auth server against a database."""
    done = subprocess.run(
        [*TSX, *arguments],
        cwd=server,
        env={**os.environ, "DATABASE_URL": database_url, "NODE_ENV": "development"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def user_of(
    server: Path, backend: Path, package: str, database_url: str, cookie: str
) -> object:
    """Return what FastAPI's look-up says of the person with this cookie."""
    lines = (server / ".env").read_text().splitlines()
    secret = next(
        line.partition("=")[2]
        for line in lines
        if line.startswith("BETTER_AUTH_SECRET")
    )
    done = subprocess.run(
        [sys.executable, "-c", FIND.format(package=package), cookie],
        cwd=backend,
        env={**os.environ, "DATABASE_URL": database_url, "BETTER_AUTH_SECRET": secret},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_in_use(server: Path, backend: Path, package: str, database_url: str) -> None:
    """Each plugin writes, better-auth wants no more, FastAPI reads the fields."""
    assert "up to date" in run_node(server, database_url, "src/migrate.ts")
    (server / "calls.mjs").write_text(CALLS)
    said = run_node(server, database_url, "calls.mjs", calls_of())
    (server / "calls.mjs").unlink()
    for plugin in PLUGINS:
        for table in plugin.stores:
            assert execute(database_url, f"select count(*) > 0 from {table}") == "t"
    user = user_of(server, backend, package, database_url, said.splitlines()[-1])
    assert isinstance(user, dict)
    wanted = {k: v for plugin in PLUGINS for k, v in plugin.fields.items()}
    assert {**user, **wanted, **FIELD_VALUES} == user
    assert "inner" not in user


@pytest.mark.parametrize("layer", ["sqlmodel_async", "sqlalchemy_sync"])
def test_with_alembic(
    template: Path, tmp_path: Path, postgres: str, layer: str
) -> None:
    """One further revision; autogenerate has nothing to say, and no trace is left."""
    database_url = new_database(postgres)
    project = with_alembic(tmp_path / "project", LAYERS[layer])
    assert copy(template, project, *UNVERIFIED).returncode == 0
    alembic(project, database_url, "upgrade", "head")
    commit_all(project)
    server = project / "auth-server"
    add_plugins(server)
    install_node_packages(server)
    commit_all(project, "plugins")

    done = sync(project, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "alembic upgrade head" in done.stdout
    commit_all(project, "sync")
    alembic(project, database_url, "upgrade", "head")
    alembic(project, database_url, "check")
    assert_in_use(server, project, "app.auth", database_url)
    again = sync(project, "--yes")
    assert again.returncode == 0, again.stdout + again.stderr
    assert git(project, "status", "--porcelain") == ""
    alembic(project, database_url, "downgrade", "-1")
    assert "plan" not in execute(database_url, "select * from auth_user")


def test_with_sql_files(template: Path, tmp_path: Path, database_url: str) -> None:
    """One further file; the rest is as with Alembic."""
    project = build(
        tmp_path / "project",
        {
            "requirements.txt": "asyncpg\nfastapi\n",
            "main.py": """
                import asyncpg
                from fastapi import FastAPI

                app = FastAPI()


                @app.get("/")
                async def home() -> str:
                    pool = await asyncpg.create_pool("postgresql://app@localhost/app")
                    return str(await pool.fetchval("select 1"))
                """,
            "migrations/001_notes.sql": "CREATE TABLE notes (id bigint);\n",
        },
    )
    assert copy(template, project, *UNVERIFIED).returncode == 0
    migrations = project / "migrations"
    execute(database_url, (migrations / "002_add_auth_tables.sql").read_text())
    server = project / "auth-server"
    add_plugins(server)
    install_node_packages(server)

    done = sync(project, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    execute(database_url, (migrations / "003_extend_auth_tables.sql").read_text())
    assert_in_use(server, project, "auth", database_url)


def test_where_the_auth_server_migrates(
    copies: Copies, tmp_path: Path, database_url: str
) -> None:
    """No file of a migration; tokens carry the fields, and FastAPI reads them."""
    tokens = ("-d", "auth_session_validation=jwt")
    project = copies.into(tmp_path, *UNVERIFIED, *SERVER_MIGRATES, *tokens)
    server = project / "auth-server"
    add_plugins(server)
    install_node_packages(server)

    done = sync(project, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "npm run migrate" in done.stdout
    run_node(server, database_url, "src/migrate.ts")
    (server / "calls.mjs").write_text(CALLS)
    said = run_node(server, database_url, "calls.mjs", calls_of(), "token")
    claims = json.loads(said.splitlines()[-1])
    read = """
import json, sys
from app.auth.tokens import _session_of
user = _session_of(json.loads(sys.argv[1])).user
print(json.dumps(vars(user), default=lambda v: v.isoformat() if hasattr(v, "isoformat") else str(v)))
"""
    user = json.loads(
        subprocess.run(
            [sys.executable, "-c", read, json.dumps(claims)],
            cwd=project / "backend",
            env={**os.environ, "BETTER_AUTH_URL": "http://localhost:3001"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    assert {**user, **FIELD_VALUES, "role": "user"} == user
    assert "inner" not in claims
