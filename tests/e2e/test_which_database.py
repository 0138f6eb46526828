"""``dev:all`` says which database it migrates, and leaves other machines' alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.databases import LAYERS, with_alembic
from support.node import install_node_packages
from support.postgres import execute, free_port
from support.projects import set_env

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.copies import Copies

# Reserved for documentation: nothing answers there.
ELSEWHERE = "192.0.2.1"
TABLE = "select to_regclass('auth_user')"


def migrate(
    project: Path, database_url: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Do what ``dev:all`` does first, in the backend's folder."""
    return subprocess.run(
        [sys.executable, project / "auth-server/dev/migrate.py", "upgrade", "head"],
        cwd=project,
        env={**os.environ, "DATABASE_URL": database_url, **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def sqlalchemy_sync(folder: Path) -> Path:
    """A project with Alembic and an engine that waits."""
    return with_alembic(folder, LAYERS["sqlalchemy_sync"])


def sqlalchemy_async(folder: Path) -> Path:
    """A project with Alembic and an asynchronous engine."""
    return with_alembic(folder, LAYERS["sqlalchemy_async"])


@pytest.mark.parametrize("of", [sqlalchemy_sync, sqlalchemy_async])
def test_alembic_names_the_database_before_it_connects(
    copies: Copies, tmp_path: Path, database_url: str, of: Callable[[Path], Path]
) -> None:
    """Another machine's is refused or passed over; this machine's is migrated."""
    project = copies.into(tmp_path, of=of)
    remote = f"postgresql://app:hush-hush@{ELSEWHERE}:5433/shop"
    refused = migrate(project, remote)
    assert refused.returncode == 1, refused.stderr
    assert refused.stdout == (
        f"shop on {ELSEWHERE}:5433 is not on this machine, so nothing was migrated: "
        "DEV_MIGRATE_REMOTE=1 migrates it, DEV_MIGRATE_REMOTE=0 starts without\n"
    )
    passed = migrate(project, remote, DEV_MIGRATE_REMOTE="0")
    assert passed.returncode == 0, passed.stderr
    assert f"not migrating shop on {ELSEWHERE}:5433" in passed.stdout
    assert "hush" not in refused.stderr + passed.stdout + passed.stderr
    name = database_url.rpartition("/")[2]
    done = migrate(project, database_url)
    assert done.returncode == 0, done.stderr
    assert f"migrating {name} on 127.0.0.1:" in done.stdout
    assert execute(database_url, TABLE) == "auth_user"


CREATOR = """
import os

import psycopg
from sqlalchemy import create_engine

url = os.environ["DATABASE_URL"]
engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
"""


def test_a_connection_that_code_makes_is_not_taken_for_this_machine_s(
    copies: Copies, tmp_path: Path, database_url: str
) -> None:
    """As cloud connectors do it: nothing tells where it leads."""
    project = copies.into(tmp_path, of=sqlalchemy_sync)
    (project / "app/db.py").write_text(CREATOR)
    refused = migrate(project, database_url)
    assert refused.returncode == 1, refused.stderr
    assert "on an unknown host is not on this machine" in refused.stdout
    assert execute(database_url, TABLE) == ""
    assert migrate(project, database_url, DEV_MIGRATE_REMOTE="1").returncode == 0
    assert execute(database_url, TABLE) == "auth_user"


OWN = ("-d", "auth_migration_system=none", "-d", "auth_database_provider=other")


def test_the_auth_server_s_own_migration_asks_too(
    copies: Copies, tmp_path: Path, database_url: str
) -> None:
    """And a driver in the URL's scheme, as FastAPI spells it, is no obstacle."""
    server = copies.into(tmp_path, *OWN) / "auth-server"
    install_node_packages(server)
    ports = {"PORT": str(free_port()), "API_PORT": str(free_port())}
    scheme = "postgresql+asyncpg://"

    def start(**variables: str) -> str:
        """Return what is printed, until it ends or has migrated."""
        said = ""
        with subprocess.Popen(
            ["node", "--import", "tsx", "dev/supervisor.ts"],  # noqa: S607
            cwd=server,
            env={**os.environ, **ports, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if "The auth tables are migrated" in line:
                    process.send_signal(signal.SIGINT)
        return said

    set_env(server, DATABASE_URL=f"{scheme}app:hush-hush@{ELSEWHERE}/shop")
    assert (
        f"shop on {ELSEWHERE}:5432 is not on this machine, so nothing was migrated: "
        "DEV_MIGRATE_REMOTE=1 migrates it" in start()
    )
    here = scheme + database_url.partition("://")[2]
    said = start(DATABASE_URL=here)
    assert f"migrating {database_url.rpartition('/')[2]} on 127.0.0.1:" in said
    assert execute(database_url, TABLE) == "auth_user"
    wrong = start(DATABASE_URL="mysql://app:hush-hush@localhost/app")
    assert "DATABASE_URL is malformed" in wrong
    assert "the environment's goes before the one in .env" in wrong
    assert "hush" not in wrong
