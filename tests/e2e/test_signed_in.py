"""From one command to a person whom FastAPI recognises, in the shapes people have."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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


def test_tokens_in_place_of_look_ups(template: Path, tmp_path: Path) -> None:
    """With jwt FastAPI needs the key set alone; sign-out ends the issue of tokens."""
    options = (
        "-d",
        "auth_session_validation=jwt",
        "-d",
        "auth_methods=[email_password]",
    )
    assert copy(template, tmp_path, *options).returncode == 0
    install_node_packages(tmp_path / "auth-server")
    use_own_database_port(tmp_path / "auth-server")
    install_python_packages(tmp_path / "backend")
    held = verify(tmp_path)
    assert held.returncode == 0, held.stdout + held.stderr
    assert "one already issued lives until it expires" in held.stdout


def test_sessions_in_memory(template: Path, tmp_path: Path) -> None:
    """With cached a sign-out at the auth server counts at FastAPI's next request."""
    options = ("-d", "auth_session_validation=cached")
    assert copy(template, tmp_path, *options).returncode == 0
    install_node_packages(tmp_path / "auth-server")
    use_own_database_port(tmp_path / "auth-server")
    install_python_packages(tmp_path / "backend")
    held = verify(tmp_path)
    assert held.returncode == 0, held.stdout + held.stderr
    for step in STEPS:
        assert step in held.stdout


def test_every_method_at_once(template: Path, tmp_path: Path) -> None:
    """Social sign-in leads to the provider, a magic link signs in by itself."""
    methods = "auth_methods=[email_password, google, github, magic_link]"
    assert copy(template, tmp_path, "-d", methods).returncode == 0
    server = tmp_path / "auth-server"
    use_own_database_port(server)
    for provider in ("GOOGLE", "GITHUB"):
        credentials = {f"{provider}_CLIENT_ID": "id", f"{provider}_CLIENT_SECRET": "s"}
        set_env(server, **credentials)
    install_python_packages(tmp_path / "backend")
    with running_project(tmp_path) as project:
        assert [step.name for step in journey_of(project).steps()] == STEPS
        browser = Browser(origin=project.auth_url)
        base = f"{project.auth_url}/api/auth"
        home = "http://localhost:3000/"
        for provider, host in (
            ("google", "accounts.google.com"),
            ("github", "github.com"),
        ):
            asked = {"provider": provider, "callbackURL": home}
            answer = browser.post(f"{base}/sign-in/social", asked)
            assert answer.status == 200, answer.text
            assert urlsplit(answer.json()["url"]).hostname == host
        person = {"email": "magic@example.com", "callbackURL": home}
        assert browser.post(f"{base}/sign-in/magic-link", person).status == 200
        link = project.printed_link("magic@example.com")
        assert browser.get(link).status == 302
        me = browser.get(f"{project.api_url}/auth/me")
        assert me.json()["email"] == "magic@example.com"
        stolen = Browser(origin="https://evil.example", cookies=dict(browser.cookies))
        refused = stolen.post(f"{base}/sign-out", {})
        assert refused.status == 403, refused.text
