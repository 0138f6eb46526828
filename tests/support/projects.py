"""Projects with the template's result in them, running as their developer runs them."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copier_better_auth.verification import Journey

from support.node import install_node_packages
from support.postgres import free_port
from support.processes import running, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LINK = re.compile(r"https?://[^\s\"'\\<>]+/api/auth/[^\s\"'\\<>]+")


@dataclass(frozen=True, kw_only=True)
class Running:
    """The addresses of one running project, and the file that its output goes to."""

    auth_url: str
    api_url: str
    log: Path

    def journey(self, prefix: str = "", *, uses_jwt: bool = False) -> Journey:
        """Return a new person's way through both servers."""
        return Journey(
            auth_url=self.auth_url,
            me_url=f"{self.api_url}{prefix}/auth/me",
            read_link=self.printed_link,
            uses_jwt=uses_jwt,
        )

    def printed_link(self, email: str, within: float = 20) -> str:
        """Return the newest link that the auth server printed below ``email``."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            printed = self.log.read_text(errors="replace").rpartition(email)[2]
            if links := _LINK.findall(printed):
                return str(links[-1])
            time.sleep(0.05)
        message = f"no link for {email} in {self.log}"
        raise AssertionError(message)


def set_env(server: Path, **values: str) -> None:
    """Set variables in a rendered auth server's ``.env``, as its developer would."""
    env = server / ".env"
    text = env.read_text()
    for name, value in values.items():
        line = f"{name}={value}"
        text, changed = re.subn(rf"(?m)^#? ?{name}=.*", lambda _, new=line: new, text)
        if not changed:
            text += f"{line}\n"
    env.write_text(text)


def install_python_packages(backend: Path) -> None:
    """Install what the backend's own files name, plus pytest, into its ``.venv``."""
    commands = (
        [["uv", "sync", "--quiet"]]
        if (backend / "pyproject.toml").exists()
        else [
            ["uv", "venv", "--quiet", ".venv"],
            [
                *("uv", "pip", "install", "--quiet", "-r", "requirements.txt"),
                *("pytest", "httpx"),
            ],
        ]
    )
    for command in commands:
        subprocess.run(command, cwd=backend, check=True, env=_own_environment(backend))


def run_python(backend: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the backend's own interpreter in its folder and return what it printed."""
    return subprocess.run(
        [str(backend / ".venv/bin/python"), *arguments],
        cwd=backend,
        env=_own_environment(backend),
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def running_project(server: Path, backend: Path) -> Iterator[Running]:
    """Run ``dev:all`` on free ports; yield when both servers answer."""
    auth, api = free_port(), free_port()
    set_env(server, PORT=str(auth), BETTER_AUTH_URL=f"http://localhost:{auth}")
    if not (server / "node_modules").exists():
        install_node_packages(server)
    log = server / ".dev-all.log"
    log.write_text("")
    env = {**_own_environment(backend), "API_PORT": str(api)}
    with running(["npm", "run", "dev:all"], cwd=server, log=log, env=env) as process:
        project = Running(
            auth_url=f"http://localhost:{auth}",
            api_url=f"http://localhost:{api}",
            log=log,
        )
        wait_for(f"{project.auth_url}/readyz", process, log)
        wait_for(f"{project.api_url}/openapi.json", process, log)
        yield project


def _own_environment(backend: Path) -> dict[str, str]:
    """The environment of a shell with the backend's virtual environment activated."""
    venv = backend / ".venv"
    path = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "VIRTUAL_ENV": str(venv), "PATH": path}
