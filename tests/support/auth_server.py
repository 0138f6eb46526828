"""The rendered auth server alone, started with its own environment."""

from __future__ import annotations

import contextlib
import hashlib
import os
import ssl
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import load_answers
from copier_better_auth.migrations.change import needed
from copier_better_auth.migrations.sql import statements

from support.copier_cli import render_only
from support.node import TSC, install_node_packages
from support.once import once
from support.postgres import execute, free_port
from support.processes import running, wait_for
from support.sign_in_methods import SOCIAL, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SECRET = "a secret of thirty-two characters or more"  # noqa: S105 - for tests alone
ORIGIN = "http://localhost:3000"
# Made once: their own context for each client takes longer than most requests.
_TLS = ssl.create_default_context()


def render(template: Path, destination: Path, answers: Mapping[str, object]) -> Path:
    """Render the template without its hooks; return the auth server's folder.

    An application that is not new is there before, at the default's place.
    """
    if answers.get("auth_new_project") in {False, "false"}:
        main = destination / "backend/app/main.py"
        main.parent.mkdir(parents=True)
        main.write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    render_only(template, destination, answers)
    return destination / str(answers.get("auth_server_dir", "auth-server"))


@dataclass(frozen=True, kw_only=True)
class AuthServer:
    """A running auth server: where it answers, its process and what it printed."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    clients: contextlib.ExitStack

    def client(self, *, address: str = "203.0.113.7") -> httpx.Client:
        """Return its own browser, behind a proxy that names its address.

        It is closed with the server.
        """
        client = httpx.Client(
            base_url=self.url,
            headers={"Origin": ORIGIN, "X-Forwarded-For": address},
            timeout=20,
            verify=_TLS,
        )
        return self.clients.enter_context(client)

    def logged(self, until: str = "", within: float = 10) -> str:
        """Return what the server printed, once ``until`` is among it."""
        deadline = time.monotonic() + within
        while until not in (printed := self.log.read_text(errors="replace")):
            assert time.monotonic() < deadline, f"no {until!r} in:\n{printed}"
            time.sleep(0.02)
        return printed


def follow(browser: httpx.Client, link: str) -> str:
    """Go where a mail or a provider sends the browser; return where that leads."""
    answer = browser.get(link.replace("localhost", "127.0.0.1", 1))
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def environment(database_url: str, port: int, **extra: str) -> dict[str, str]:
    """Return the whole environment of a server in production on loopback."""
    given = {
        "PATH": os.environ["PATH"],
        "NODE_ENV": "production",
        "DATABASE_URL": database_url,
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": f"http://localhost:{port}",
        "CORS_ORIGINS": ORIGIN,
        "PORT": str(port),
        "LISTEN_HOST": "127.0.0.1",
        **credentials(*SOCIAL),
        "EMAIL_FROM": "Example <no-reply@example.com>",
        "RESEND_API_KEY": "re_test",
        "SMTP_URL": "smtp://127.0.0.1:9",
    }
    return {**given, **extra}


def run_script(
    server: Path, script: str, *arguments: str, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run one of the compiled scripts to its end."""
    return subprocess.run(
        ["node", f"dist/{script}.js", *arguments],  # noqa: S607 - node from PATH
        cwd=server,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def built(template: Path, shared: Path, answers: Mapping[str, object]) -> Path:
    """Return a built server with these answers, the same for all test processes."""
    name = hashlib.sha256(repr(sorted(answers.items())).encode()).hexdigest()[:12]

    def make(folder: Path) -> None:
        build(render(template, folder, answers))

    return once(shared / "servers" / name, make) / "auth-server"


def build(server: Path) -> None:
    """Install a rendered server's packages and compile it, as a release does."""
    install_node_packages(server)
    done = subprocess.run(
        ["npm", "run", "build", "--", *TSC[1:]],  # noqa: S607 - npm from PATH
        cwd=server,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def migrate(server: Path, database_url: str) -> None:
    """Make the tables: by the auth server, or as the project's migrations would."""
    root = next(f for f in server.parents if (f / ANSWERS_FILE).exists())
    answers = load_answers(root / ANSWERS_FILE)
    if "none" not in {answers.auth_migration_system, answers.auth_database_layer}:
        execute(database_url, statements(needed(answers, ())))
        return
    done = run_script(server, "migrate", env=environment(database_url, 0))
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def running_server(
    server: Path,
    database_url: str,
    *,
    port: int = 0,
    command: tuple[str, ...] = ("node", "dist/server.js"),
    **extra: str,
) -> Iterator[AuthServer]:
    """Start the server as in production; yield once it answers."""
    port = port or free_port()
    env: dict[str, Any] = environment(database_url, port, **extra)
    log = server / f"server-{port}.log"
    listens = f"http://127.0.0.1:{port}"
    with (
        running(command, cwd=server, log=log, env=env) as process,
        contextlib.ExitStack() as clients,
    ):
        wait_for(f"{listens}/healthz", process, log)
        yield AuthServer(url=listens, process=process, log=log, clients=clients)
