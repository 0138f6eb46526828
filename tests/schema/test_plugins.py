"""Every plugin of the matrix is used on every host after ``sync``, and taken back."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.auth_server import SECRET, environment, running_server
from support.copier_cli import copy
from support.databases import (
    LAYERS,
    alembic,
    trace,
    with_alembic,
)
from support.node import TSX, install_node_packages
from support.plugins import FIELD_VALUES, JWT, PACKAGES, PLUGINS, add_plugins, use
from support.postgres import execute, new_database
from support.projects import run_command, set_env, sync
from support.repositories import sql_files
from support.template import commit_all, git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from support.copies import Copies
    from support.plugins import Plugin

UNVERIFIED = ("-d", "auth_email_verification=false")
SERVER_MIGRATES = ("-d", "auth_migration_system=none", "-d", "auth_database_layer=none")
LOOKED_UP = (*PLUGINS, JWT)
AS_JSON = """
def as_json(user):
    said = lambda v: v.isoformat() if hasattr(v, "isoformat") else str(v)
    return json.dumps(vars(user), default=said)
"""
FIND = f"""
import asyncio, json, sys
from urllib.parse import unquote
from {{package}}.errors import AuthUnavailable
from {{package}}.sessions import DatabaseStrategy
{AS_JSON}
async def main():
    strategy = DatabaseStrategy()
    cookie = unquote(sys.argv[1])
    try:
        session = await strategy.find(cookie)
    except AuthUnavailable:  # its five seconds are short on a busy machine
        session = await strategy.find(cookie)
    print(as_json(session.user))
    await strategy.close()

asyncio.run(main())
"""
READ = f"""
import json, sys
from {{package}}.tokens import _session_of
{AS_JSON}
print(as_json(_session_of(json.loads(sys.argv[1])).user))
"""


def run_auth_script(server: Path, database_url: str, script: str) -> str:
    """Run a script of the auth server against a database."""
    done = subprocess.run(
        [*TSX, f"src/{script}.ts"],
        cwd=server,
        env=environment(database_url, 0, NODE_ENV="development"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def user_of(backend: Path, code: str, given: str, database_url: str) -> dict[str, Any]:
    """Return what FastAPI's package says of a person."""
    done = subprocess.run(
        [sys.executable, "-c", code, given],
        cwd=backend,
        env={**os.environ, **environment(database_url, 0)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    user = json.loads(done.stdout)
    assert isinstance(user, dict)
    return user


def assert_in_use(
    server: Path,
    backend: Path,
    package: str,
    database_url: str,
    plugins: Iterable[Plugin] = LOOKED_UP,
) -> None:
    """The server starts, each plugin writes, and FastAPI reads the fields."""
    plugins = tuple(plugins)
    assert "up to date" in run_auth_script(server, database_url, "migrate")
    with running_server(
        server,
        database_url,
        command=(*TSX, "src/server.ts"),
        NODE_ENV="development",
    ) as started:
        browser = started.client()
        assert browser.get("/readyz").status_code == 200
        use(browser, plugins, lambda table: _rows(database_url, table))
        token = browser.get("/api/auth/token").json()["token"]
        cookie = browser.cookies["better-auth.session_token"]
    started.log.unlink()
    if (backend / package.replace(".", "/") / "tokens.py").exists():
        claims = base64.urlsafe_b64decode(token.split(".")[1] + "==").decode()
        assert "inner" not in json.loads(claims)
        user = user_of(backend, READ.format(package=package), claims, database_url)
    else:
        user = user_of(backend, FIND.format(package=package), cookie, database_url)
    wanted = {k: v for plugin in plugins for k, v in plugin.fields.items()}
    assert {**user, **wanted, **FIELD_VALUES} == user
    assert "inner" not in user


def _rows(database_url: str, table: str) -> int:
    counted = f"select count(*) from {table}"  # noqa: S608 - of the test's own
    return int(execute(database_url, counted))


@pytest.mark.parametrize("plugin", LOOKED_UP, ids=lambda plugin: plugin.name)
def test_a_plugin_is_called_or_it_is_said_why_not(plugin: Plugin) -> None:
    """And what it stores is stored by its own calls."""
    is_called = bool(plugin.calls or plugin.call)
    assert is_called is not bool(plugin.without_calls)
    assert is_called or not plugin.stores


def assert_healthy(project: Path, server: Path, database_url: str) -> None:
    """The doctor finds nothing, and ``sync`` nothing more to do."""
    for folder in (server, project, project / "backend"):
        if (folder / ".env").exists():
            set_env(folder, DATABASE_URL=database_url, BETTER_AUTH_SECRET=SECRET)
    for _ in range(3):
        done = run_command(project, "doctor", "--json", DATABASE_URL=database_url)
        results = {r["code"]: r for r in json.loads(done.stdout)["results"]}
        if results["BA013"]["status"] != "skip":
            break  # else the server did not start in time, on a busy machine
    bad = [r for r in results.values() if r["status"] not in {"pass", "skip", "warn"}]
    assert not bad
    for code in ("BA003", "BA013"):
        assert results[code]["status"] == "pass", results[code]
    again = sync(project, "--yes")
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.endswith("nothing to do.\n")


def assert_undone(project: Path) -> None:
    """What ``sync`` wrote, and nothing else, is taken back."""
    done = run_command(project, "undo", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.parametrize("layer", ["sqlmodel_async", "sqlalchemy_sync"])
def test_with_alembic(
    template: Path, tmp_path: Path, postgres: str, layer: str
) -> None:
    """One further revision; autogenerate has nothing to say, and no trace is left."""
    database_url = new_database(postgres)
    project = with_alembic(tmp_path / "project", LAYERS[layer])
    assert copy(template, project, *UNVERIFIED).returncode == 0
    alembic(project, database_url, "upgrade", "head")
    server = project / "auth-server"
    add_plugins(server, LOOKED_UP)
    install_node_packages(server, PACKAGES)
    commit_all(project, "plugins")
    before = trace(database_url)

    done = sync(project, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "alembic upgrade head" in done.stdout
    alembic(project, database_url, "upgrade", "head")
    alembic(project, database_url, "check")
    assert_in_use(server, project, "app.auth", database_url)
    assert_healthy(project, server, database_url)
    alembic(project, database_url, "downgrade", "-1")
    assert trace(database_url) == before
    assert_undone(project)


def test_with_sql_files(template: Path, tmp_path: Path, database_url: str) -> None:
    """One further file; the rest is as with Alembic."""
    project = sql_files(tmp_path / "project")
    assert copy(template, project, *UNVERIFIED).returncode == 0
    migrations = project / "migrations"
    execute(database_url, (migrations / "002_add_auth_tables.sql").read_text())
    server = project / "auth-server"
    add_plugins(server, LOOKED_UP)
    install_node_packages(server, PACKAGES)
    commit_all(project, "plugins")

    done = sync(project, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    execute(database_url, (migrations / "003_extend_auth_tables.sql").read_text())
    assert_in_use(server, project, "auth", database_url)
    assert_healthy(project, server, database_url)
    assert_undone(project)


def test_where_the_auth_server_migrates(
    copies: Copies, tmp_path: Path, database_url: str
) -> None:
    """No file of a migration; tokens carry the fields, and FastAPI reads them."""
    tokens = ("-d", "auth_session_validation=jwt")
    project = copies.into(tmp_path / "p", *UNVERIFIED, *SERVER_MIGRATES, *tokens)
    server = project / "auth-server"
    add_plugins(server)
    install_node_packages(server, PACKAGES)
    commit_all(project, "plugins")

    done = sync(project, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "npm run migrate" in done.stdout
    run_auth_script(server, database_url, "migrate")
    assert_in_use(server, project / "backend", "app.auth", database_url, PLUGINS)
    assert_healthy(project, server, database_url)
    assert_undone(project)
