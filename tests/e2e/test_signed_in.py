"""From one command to a person whom FastAPI recognises, in the shapes people have."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from copier_better_auth.catalogue.methods import SOCIAL_PROVIDERS
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
from support.sign_in_methods import EVERY_METHOD, SOCIAL, credentials
from support.template import commit_all, git

if TYPE_CHECKING:
    import pytest
    from copier_better_auth.verification import Journey, Servers
    from support.copies import Copies

STEPS = [
    "a stranger is refused",
    "sign up",
    "FastAPI recognises the user",
    "a forged cookie is refused",
    "a foreign origin is refused",
    "sign out",
    "the session is over",
    "the address is changed",
]


def held(journey: Journey) -> list[str]:
    """Go the whole way; return the names of its steps, each of which held."""
    taken = list(journey.steps())
    assert all(step.ok for step in taken), taken[-1]
    return [step.name for step in taken]


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


def verify(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = COPIER.with_name("copier-better-auth")
    return subprocess.run(
        [command, "verify", *options, project],
        capture_output=True,
        text=True,
        check=False,
    )


def seen_by_a_script(project: Path, *options: str) -> dict[str, Any]:
    """Run the command as a script does; return the object that it prints."""
    done = verify(project, "--json", *options)
    seen: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) == seen["ok"], done.stderr
    assert all(step["milliseconds"] >= 0 for step in seen["steps"])
    return seen


def assert_twice_is_once(template: Path, project: Path) -> None:
    """A second copy with the same answers changes no file."""
    commit_all(project, "copier copy")
    again = copy(template, project, "-a", ".copier-answers.better-auth.yml")
    assert again.returncode == 0, again.stderr
    assert git(project, "status", "--porcelain") == ""


def test_a_new_project(template: Path, copies: Copies, tmp_path: Path) -> None:
    """An empty folder, no PostgreSQL: the embedded one survives a restart."""
    copies.into(tmp_path)
    server, backend = tmp_path / "auth-server", tmp_path / "backend"
    install_python_packages(backend)
    use_own_database_port(server)
    with running_project(tmp_path) as project:
        journey = journey_of(project)
        assert held(journey) == STEPS
    with running_project(tmp_path) as project:
        answer = sign_in(project, journey)
        assert answer.status == 200, answer.text
    tests = run_python(backend, "-m", "pytest", "-q")
    assert tests.returncode == 0, tests.stdout
    assert_twice_is_once(template, tmp_path)
    main = backend / "app/main.py"
    main.write_text(f"import no_such_module\n{main.read_text()}")
    began = time.monotonic()
    (start,) = seen_by_a_script(tmp_path)["steps"]
    assert "No module named 'no_such_module' (backend/app/main.py:1)" in start["detail"]
    # A second or two on an idle machine; the limit for a start is two minutes.
    assert time.monotonic() - began < 60


def test_a_flat_application_without_a_database(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """The auth tables get their own database; the user's route and test stay."""
    result = copy(template, flat(tmp_path), "-d", "auth_database_provider=local")
    assert result.returncode == 0, result.stderr
    set_env(tmp_path / "auth-server", DATABASE_URL=database_url)
    install_python_packages(tmp_path)
    with running_project(tmp_path) as project:
        assert held(journey_of(project)) == STEPS
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
        assert held(journey_of(project, "/api/v1")) == STEPS
    heads = run_python(backend, "-m", "alembic", "heads")
    assert heads.stdout.count("(head)") == 1, heads.stdout
    assert execute(database_url, 'select email from "user"') == "before@example.com"
    tests = run_python(backend, "-m", "pytest", "-q")
    assert tests.returncode == 0, tests.stdout
    assert_twice_is_once(template, tmp_path)


LOCAL = ("-d", "auth_database_provider=local")


def test_verify_proves_it_on_one_command(
    copies: Copies, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts what it needs, goes the whole way, and leaves no one behind."""
    temporary = Path(tempfile.mkdtemp())  # a short path, as sockets need it
    monkeypatch.setenv("TMPDIR", str(temporary))
    copies.into(tmp_path, *LOCAL)
    missing = verify(tmp_path)
    assert missing.returncode == 1
    assert "npm install" in missing.stderr
    server = tmp_path / "auth-server"
    install_node_packages(server)
    set_env(server, DATABASE_URL=database_url)
    install_python_packages(tmp_path / "backend")
    done = verify(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for step in [*STEPS, "the account is deleted"]:
        assert re.search(rf"(?m)^ +\d+\.\d\d s  {step} +\S", done.stdout), step
    assert execute(database_url, "select count(*) from auth_user") == "0"
    assert not list(temporary.glob("verify-*"))
    set_env(server, DATABASE_URL=database_url.replace("127.0.0.1", "db.invalid"))
    seen = seen_by_a_script(tmp_path)
    (step,) = seen["steps"]
    assert step["name"] == "the servers start"
    assert not step["ok"]
    assert step["detail"].startswith("the migration failed: ")
    assert "db.invalid" in step["detail"]
    assert "is not on this machine, so nothing was migrated" in step["detail"]
    (log,) = temporary.glob("verify-*/dev-all.log")
    assert step["detail"].endswith(f"; all that was printed: {log}")
    shutil.rmtree(temporary)


def test_verify_of_servers_that_run_already(
    copies: Copies, tmp_path: Path, database_url: str
) -> None:
    """The address is confirmed where the link cannot be read; the user goes again."""
    copies.into(tmp_path, *LOCAL)
    server = tmp_path / "auth-server"
    set_env(server, DATABASE_URL=database_url)
    install_python_packages(tmp_path / "backend")
    config = server / "src/auth/auth.config.ts"
    with running_project(tmp_path) as project:
        urls = ("--auth-url", project.auth_url, "--api-url", project.api_url)
        seen = seen_by_a_script(tmp_path, *urls)
        assert seen["ok"], seen
        # No one can read mails there.
        assert [step["name"] for step in seen["steps"]] == [
            *STEPS[:-1],
            "the test user is removed",
        ]
        assert "were not verified" in seen["notes"][-1]
        assert execute(database_url, "select count(*) from auth_user") == "0"

        set_env(server, DATABASE_URL=f"{database_url}_of_somebody_else")
        unreadable = seen_by_a_script(tmp_path, *urls)
        assert not unreadable["ok"]
        assert "run verify without --auth-url" in unreadable["steps"][-1]["detail"]
        (address,) = execute(database_url, "select email from auth_user").split()
        assert address in unreadable["notes"][-1]
    mailed = re.compile(
        r" +sendDeleteAccountVerification: .*?\n        \}\),\n", re.DOTALL
    )
    without_mail, changed = mailed.subn("", config.read_text())
    assert changed == 1
    config.write_text(
        without_mail.replace(
            "requireEmailVerification: true", "requireEmailVerification: false"
        )
    )
    set_env(server, DATABASE_URL=database_url)
    with running_project(tmp_path) as project:
        journey = journey_of(project)
        journey.verifies_email = False
        journey.read_link = None
        assert held(journey) == STEPS[:-1]
        (step,) = journey.removal()
        assert step.detail == "by /api/auth/delete-user"
    assert execute(database_url, "select email from auth_user") == address


def test_verify_without_passwords(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """A link signs in where it can be read; a provider's own page needs a person."""
    options = (
        *("-d", "auth_methods=[google, magic_link]"),
        *("-d", "auth_database_provider=local"),
        *("-d", "auth_session_validation=jwt"),
    )
    assert copy(template, tmp_path, *options).returncode == 0
    server = tmp_path / "auth-server"
    set_env(
        server,
        DATABASE_URL=database_url,
        GOOGLE_CLIENT_ID="id",
        GOOGLE_CLIENT_SECRET="s",  # noqa: S106 - no secret
    )
    install_python_packages(tmp_path / "backend")
    with running_project(tmp_path) as project:
        journey = journey_of(project, "", "google", "magic_link")
        journey.uses_jwt, journey.server = True, server
        assert held(journey) == [
            "a stranger is refused",
            "sign-in leads to Google",
            "sign up by a link",
            "FastAPI recognises the user",
            "a forged token is refused",
            "a foreign origin is refused",
            "sign out",
            "the session is over",
            "the address is changed",
        ]
        assert [step.name for step in journey.removal()] == ["the account is deleted"]
        assert execute(database_url, "select count(*) from auth_user") == "0"
        urls = ("--auth-url", project.auth_url, "--api-url", project.api_url)
        seen = seen_by_a_script(tmp_path, *urls)
        assert seen["ok"]
        assert "FastAPI recognises the user" not in str(seen["steps"])
        assert "the mailed link cannot be read" in seen["notes"][-1]


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
    done = verify(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"until it expires, here for another 14 min \d+ s", done.stdout)


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
    assert copy(template, tmp_path, "-d", EVERY_METHOD).returncode == 0
    server = tmp_path / "auth-server"
    use_own_database_port(server)
    set_env(server, **credentials(*SOCIAL))
    install_python_packages(tmp_path / "backend")
    with running_project(tmp_path) as project:
        assert held(journey_of(project)) == STEPS
        browser = Browser(origin=project.auth_url)
        base = f"{project.auth_url}/api/auth"
        home = "http://localhost:3000/"
        for provider in SOCIAL_PROVIDERS:
            asked = {"provider": provider.name, "callbackURL": home}
            answer = browser.post(f"{base}/sign-in/social", asked)
            assert answer.status == 200, answer.text
            assert urlsplit(answer.json()["url"]).hostname == provider.consent_host
        person = {"email": "magic@example.com", "callbackURL": home}
        assert browser.post(f"{base}/sign-in/magic-link", person).status == 200
        link = project.printed_link("magic@example.com")
        assert browser.get(link).status == 302
        me = browser.get(f"{project.api_url}/auth/me")
        assert me.json()["email"] == "magic@example.com"
        stolen = Browser(origin="https://evil.example", cookies=dict(browser.cookies))
        refused = stolen.post(f"{base}/sign-out", {})
        assert refused.status == 403, refused.text
