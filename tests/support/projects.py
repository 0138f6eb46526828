"""Projects with the template's result in them, running as their developer runs them."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from typing import TYPE_CHECKING

from copier_better_auth.answers import ANSWERS_FILE, load_answers
from copier_better_auth.verification import Journey, Servers, running_servers

from support.node import install_node_packages
from support.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
def running_project(project: Path) -> Iterator[Servers]:
    """Run ``dev:all`` on free ports; yield when both servers answer."""
    answers = load_answers(project / ANSWERS_FILE)
    server = project / answers.auth_server_dir
    if not (server / "node_modules").exists():
        install_node_packages(server)
    ports = (free_port(), free_port())
    with running_servers(project, answers, ports) as servers:
        yield servers


def journey_of(servers: Servers, prefix: str = "", *methods: str) -> Journey:
    """Return a new person's way through both servers."""
    return Journey(
        methods=methods or ("email_password",),
        auth_url=servers.auth_url,
        me_url=f"{servers.api_url}{prefix}/auth/me",
        read_link=servers.printed_link,
    )


def _own_environment(backend: Path) -> dict[str, str]:
    """The environment of a shell with the backend's virtual environment activated."""
    venv = backend / ".venv"
    path = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "VIRTUAL_ENV": str(venv), "PATH": path}
