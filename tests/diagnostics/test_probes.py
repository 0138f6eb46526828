"""Probes ask a real better-auth and a real PostgreSQL; repaired servers start."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest
from copier_better_auth.answers import ANSWERS_FILE, load_answers
from copier_better_auth.diagnostics import CHECKS
from copier_better_auth.model import Status
from copier_better_auth.schema import SchemaChange, tables_for
from copier_better_auth.schema.sql import statements
from support.copier_cli import copy
from support.node import install_node_packages
from support.postgres import execute, free_port
from support.processes import running, wait_for
from support.projects import set_env
from support.seeded import contents, repair, results, seed, undo
from support.template import commit_all

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def migrated(template: Path, tmp_path: Path, database_url: str) -> Path:
    """A new project with its packages, and the tables in its database."""
    project = tmp_path / "project"
    assert copy(template, project).returncode == 0
    commit_all(project)
    repair(project)
    install_node_packages(project / "auth-server")
    set_env(project / "auth-server", DATABASE_URL=database_url)
    tables = tables_for(load_answers(project / ANSWERS_FILE))
    execute(database_url, statements(SchemaChange(tables=tables)))
    (revision,) = project.glob("backend/migrations/versions/*_add_auth_tables.py")
    name = revision.name.partition("_")[0]
    execute(
        database_url, f"create table alembic_version as select '{name}' version_num"
    )
    return project


def probed(project: Path) -> dict[str, tuple[Status, str, str]]:
    """Return status, message and remedy by code."""
    found = results(project, probe=True)
    return {r.code: (r.status, r.message, r.remedy) for r in found}


def test_a_live_database_is_compared(migrated: Path, database_url: str) -> None:
    """A healthy one passes; each fault is seen, and mended by a new migration."""
    found = probed(migrated)
    assert {status for status, _, _ in found.values()} == {Status.PASS}, found
    execute(
        database_url,
        "alter table auth_session alter ip_address type inet using null;"
        "alter table auth_session alter expires_at type timestamp;"
        "alter table auth_user drop column image",
    )
    env = migrated / "auth-server/.env"
    env.write_text(env.read_text() + "# asked again\n")
    found = probed(migrated)
    assert found["BA003"][:2] == (
        Status.FAIL,
        "auth_session.ip_address is inet in the database, not text",
    )
    assert "--fix" in found["BA003"][2]
    assert found["BA008"][0] is Status.FAIL
    assert found["BA013"][0] is Status.FAIL
    assert "image" in found["BA013"][1]


# Repaired all at once, each by its own diagnostic.
TOGETHER = {
    "BA001": {"an import without its ending", 'no "type": "module"'},
    "BA002": {
        "a route of its own after the catch-all",
        "a router of its own, with its routes, after the catch-all",
        "a nameless wildcard for everything else",
        "Express 4's optional parameter",
    },
    "BA004": {"SameSite=Strict, which drops the cookie after a link"},
    "BA006": {"the sender under emailAndPassword, where nobody calls it"},
    "BA009": {"a URL written into the configuration"},
    "BA010": {"cookies are not let through", "a list of trusted origins of its own"},
    "BA013": {"a field without its column's name"},
}


def test_a_server_with_many_faults_is_repaired_and_runs(
    migrated: Path, tmp_path: Path
) -> None:
    """One plan for all of them; it compiles, starts, and answers its own routes."""
    for check in CHECKS:
        for bug in check.broken:
            if bug.title in TOGETHER.get(check.code, ()):
                seed(migrated, bug)
    broken = contents(migrated)
    found = {r.code: r.status for r in repair(migrated)}
    assert {code for code, s in found.items() if s is Status.FIXED} == set(TOGETHER)
    server = migrated / "auth-server"
    compiled = subprocess.run(
        ["npx", "tsc", "--noEmit"],  # noqa: S607 - npx from PATH
        cwd=server,
        capture_output=True,
        text=True,
        check=False,
    )
    assert compiled.returncode == 0, compiled.stdout
    port, log = free_port(), tmp_path / "server.log"
    url = f"http://localhost:{port}"
    set_env(server, PORT=str(port), BETTER_AUTH_URL=url)
    with running(["npx", "tsx", "src/server.ts"], cwd=server, log=log) as process:
        wait_for(f"{url}/readyz", process, log)
        for path in ("ok", "invites", "teams"):
            assert httpx.get(f"{url}/api/auth/{path}").status_code == 200, path
    set_env(server, PORT="3001", BETTER_AUTH_URL="http://localhost:3001")
    undo(migrated)
    assert contents(migrated) == broken


def test_what_cannot_run_is_skipped_with_its_reason(
    template: Path, tmp_path: Path
) -> None:
    """No packages, then no database; what the files show still counts."""
    assert copy(template, tmp_path).returncode == 0
    commit_all(tmp_path)
    status, message, _ = probed(tmp_path)["BA013"]
    assert status is Status.SKIP
    assert "npm ci" in message
    install_node_packages(tmp_path / "auth-server")
    status, message, _ = probed(tmp_path)["BA013"]
    assert status is Status.SKIP
    assert "the database does not answer" in message
    schema = tmp_path / "auth-server/src/auth/schema.ts"
    schema.write_text(schema.read_text().replace('"is_', '"').replace("ip_addr", "ip"))
    assert probed(tmp_path)["BA013"][0] is Status.FAIL
