"""Projects with the template's result in them, running as their developer runs them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import load_answers
from copier_better_auth.verification import Journey, Servers, running_servers

from support.copier_cli import COPIER
from support.node import install_node_packages
from support.once import SHARED, once
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


def run_command(
    project: Path, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in a project, without a terminal."""
    return subprocess.run(
        [COPIER.with_name("copier-better-auth"), *words],
        cwd=project,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def sync(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``sync`` as a user does."""
    return run_command(project, "sync", *options)


def install_python_packages(backend: Path) -> None:
    """Install what the backend's own files name, plus pytest, into its ``.venv``.

    It is resolved anew each time and installed once for each result: what such backends
    share lies behind links, with the bytecode that each would compile for itself.
    """
    if (backend / "pyproject.toml").exists():
        _uv(backend, "lock")
        files = {n: (backend / n).read_text() for n in ("pyproject.toml", "uv.lock")}
        commands = [["sync", "--frozen"]]
    else:
        wanted = f"{(backend / 'requirements.txt').read_text()}\npytest\nhttpx\n"
        resolved = _uv(backend, "pip", "compile", "-", given=wanted)
        files = {"requirements.txt": resolved}
        commands = [["venv"], ["pip", "sync", "requirements.txt"]]

    def install(folder: Path) -> None:
        for name, text in files.items():
            (folder / name).write_text(text)
        for command in commands:
            _uv(folder, *command)

    name = f"python-{hashlib.sha256(repr(files).encode()).hexdigest()[:12]}"
    made = once(SHARED / name, install) / ".venv"
    venv = backend / ".venv"
    shutil.rmtree(venv, ignore_errors=True)
    venv.mkdir()
    for part in made.iterdir():
        if part.is_file():
            shutil.copy2(part, venv)
        else:
            (venv / part.name).symlink_to(part)


def _uv(folder: Path, *arguments: str, given: str = "") -> str:
    return subprocess.run(
        ["uv", *arguments, "--quiet"],  # noqa: S607 - uv from PATH
        cwd=folder,
        input=given,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


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
