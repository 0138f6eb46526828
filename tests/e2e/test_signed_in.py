"""From one command to a person whom FastAPI recognises, in the shapes people have."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from copier_better_auth.verification.browser import Answer, Browser
from support.copier_cli import COPIER, copy
from support.node import install_node_packages
from support.postgres import execute, free_port
from support.projects import (
    install_python_packages,
    journey_of,
    run_python,
    running_project,
    set_env,
)
from support.repositories import flat, full_stack
from support.template import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.verification import Journey, Servers

STEPS = [
    "nobody is refused",
    "sign up",
    "FastAPI recognises the user",
    "a forged cookie is refused",
    "sign out",
    "the session is over",
]


def sign_in(project: Servers, journey: Journey) -> Answer:
    """Sign the person of an earlier journey in again."""
    person = {"email": journey.email, "password": journey.password}
    browser = Browser(origin=project.auth_url)
    return browser.post(f"{project.auth_url}/api/auth/sign-in/email", person)


def use_own_database_port(server: Path) -> None:
    """Keep the embedded database apart from those of other tests."""
    url = re.search(r"(?m)^DATABASE_URL=(.*)$", (server / ".env").read_text())
    assert url is not None
    set_env(server, DATABASE_URL=re.sub(r":\d+/", f":{free_port()}/", url[1]))


def verify(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = COPIER.with_name("copier-better-auth")
    return subprocess.run(
        [command, "verify", project], capture_output=True, text=True, check=False
    )


def assert_twice_is_once(template: Path, project: Path) -> None:
    """A second copy with the same answers changes no file."""
    commit_all(project, "copier copy")
    again = copy(template, project, "-a", ".copier-answers.better-auth.yml")
    assert again.returncode == 0, again.stderr
    assert git(project, "status", "--porcelain") == ""


def test_a_new_project(template: Path, tmp_path: Path) -> None:
    """An empty folder, no PostgreSQL: the embedded one survives a restart."""
    result = copy(template, tmp_path)
    assert result.returncode == 0, result.stderr
    server, backend = tmp_path / "auth-server", tmp_path / "backend"
    install_python_packages(backend)
    use_own_database_port(server)
    with running_project(tmp_path) as project:
        journey = journey_of(project)
        assert [step.name for step in journey.steps()] == STEPS
    with running_project(tmp_path) as project:
        answer = sign_in(project, journey)
        assert answer.status == 200, answer.text
    tests = run_python(backend, "-m", "pytest", "-q")
    assert tests.returncode == 0, tests.stdout
    assert_twice_is_once(template, tmp_path)


def test_a_flat_application_without_a_database(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """The auth tables get a database of their own; the user's route and test stay."""
    result = copy(template, flat(tmp_path), "-d", "auth_database_provider=local")
    assert result.returncode == 0, result.stderr
    set_env(tmp_path / "auth-server", DATABASE_URL=database_url)
    install_python_packages(tmp_path)
    with running_project(tmp_path) as project:
        assert [step.name for step in journey_of(project).steps()] == STEPS
    tests = run_python(tmp_path, "-m", "pytest", "-q")
    assert tests.returncode == 0, tests.stdout
    assert_twice_is_once(template, tmp_path)


def test_a_full_stack_application(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """The user's own database: its URL, one head, prefix and ``user`` table."""
    full_stack(tmp_path)
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    (tmp_path / ".env").write_text(f"DATABASE_URL={url}\n")
    backend = tmp_path / "backend"
    install_python_packages(backend)
    commit_all(tmp_path)
    migrated = run_python(backend, "-m", "alembic", "upgrade", "head")
    assert migrated.returncode == 0, migrated.stderr
    execute(
        database_url,
        "insert into \"user\" values (gen_random_uuid(), 'before@example.com')",
    )
    result = copy(template, tmp_path)
    assert result.returncode == 0, result.stderr
    install_python_packages(backend)
    with running_project(tmp_path) as project:
        assert [step.name for step in journey_of(project, "/api/v1").steps()] == STEPS
    heads = run_python(backend, "-m", "alembic", "heads")
    assert heads.stdout.count("(head)") == 1, heads.stdout
    assert execute(database_url, 'select email from "user"') == "before@example.com"
    tests = run_python(backend, "-m", "pytest", "-q")
    assert tests.returncode == 0, tests.stdout
    assert_twice_is_once(template, tmp_path)


def test_verify_proves_it_on_one_command(template: Path, tmp_path: Path) -> None:
    """It starts what it needs, goes the whole way, and leaves nothing running."""
    assert copy(template, tmp_path).returncode == 0
    missing = verify(tmp_path)
    assert missing.returncode == 1
    assert "npm install" in missing.stderr
    server = tmp_path / "auth-server"
    install_node_packages(server)
    use_own_database_port(server)
    install_python_packages(tmp_path / "backend")
    held = verify(tmp_path)
    assert held.returncode == 0, held.stdout + held.stderr
    for step in STEPS:
        assert step in held.stdout
    set_env(server, DATABASE_URL="postgresql://app@db.example.com:5432/app")
    broken = verify(tmp_path)
    assert broken.returncode == 1
    assert "did not bring up" in broken.stderr
    assert "this one is elsewhere" in broken.stderr
    assert "Traceback" not in broken.stderr
