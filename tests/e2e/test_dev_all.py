"""``dev:all`` ends with whatever ends it, and says what keeps it from starting."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.dev_all import DEV_ALL, Project, kill
from support.node import install_node_packages
from support.postgres import free_port
from support.processes import stop, wait_for
from support.projects import install_python_packages, set_env

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.copies import Copies

LANES, RUNS = 4, 5


@pytest.fixture(scope="module")
def pattern(copies: Copies) -> Iterator[Path]:
    """A new project with its packages, where PostgreSQL's user may enter too."""
    folder = Path(tempfile.mkdtemp(prefix="dev-all-"))
    folder.chmod(0o755)
    try:
        copies.into(folder / "pattern")
        install_node_packages(folder / "pattern/auth-server")
        install_python_packages(folder / "pattern/backend")
        yield folder / "pattern"
    finally:
        shutil.rmtree(folder)


def project_from(pattern: Path, name: str) -> Project:
    """Copy the project; its Python packages are shared."""
    folder = pattern.with_name(name)
    ignored = shutil.ignore_patterns(".venv", ".data", ".git")
    shutil.copytree(pattern, folder, symlinks=True, ignore=ignored)
    (folder / "backend/.venv").symlink_to(pattern / "backend/.venv")
    server = folder / "auth-server"
    project = Project(
        folder=folder, auth=free_port(), api=free_port(), database=free_port()
    )
    url = re.search(r"(?m)^DATABASE_URL=(.*)$", (server / ".env").read_text())
    assert url is not None
    set_env(
        server,
        PORT=str(project.auth),
        BETTER_AUTH_URL=f"http://localhost:{project.auth}",
        DATABASE_URL=re.sub(r":\d+/", f":{project.database}/", url[1]),
    )
    project.log.touch()
    return project


def end(project: Project, process: subprocess.Popen[bytes], how: str) -> None:
    """End a run from outside in one of the ways that happen."""
    if how == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)
    elif how == "SIGTERM to the package manager":
        process.terminate()
    elif how == "SIGKILL to the package manager":
        process.kill()
    elif how == "SIGKILL to the terminal's whole group":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        victim = random.choice(list(project.processes().items()))  # noqa: S311 - no secret
        with project.log.open("a") as log:
            print("SIGKILL to", *victim, file=log)
        kill(victim[0])
        # A reloader may wait for a change, and PostgreSQL replaces a process it lost.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
            return
        os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=30)


def refuses_a_second_start(project: Project) -> None:
    """Other ports, the same database."""
    second = project.start(PORT=str(free_port()), API_PORT=str(free_port()))
    assert second.wait(timeout=60) != 0
    assert project.printed().count("runs already: stop the other dev:all") == 1


def crash_the_database(project: Project) -> None:
    """Kill a part of PostgreSQL, as soon as there is one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for pid, command in project.processes().items():
            if command.startswith("postgres: io worker"):
                kill(pid)
                return
    message = f"no part of PostgreSQL among {project.processes()}"
    raise AssertionError(message)


WAYS = (
    "Ctrl-C",
    "SIGTERM to the package manager",
    "SIGKILL to the package manager",
    "SIGKILL to the terminal's whole group",
    "SIGKILL to any one of its processes",
)


def killed_at_random(project: Project, number: int, failed: threading.Event) -> None:
    """Start and end it in one way after another, at any moment of its life."""
    for run in range(RUNS):
        if failed.is_set():
            return
        process = project.start()
        time.sleep(random.uniform(0.2, 6))  # noqa: S311 - no secret
        how = WAYS[(run + number) % len(WAYS)]
        try:
            end(project, process, how)
            project.gone()
        except BaseException as error:
            failed.set()
            for pid in project.processes():
                kill(pid)
            process.wait()
            error.add_note(f"{how}\n{project.printed()}")
            raise


def test_twenty_runs_killed_at_random_leave_nothing(pattern: Path) -> None:
    """No process, no lock: whatever is killed, the next start goes as the first."""
    projects = [project_from(pattern, f"lane-{n}") for n in range(LANES)]
    failed = threading.Event()

    def lane(number: int) -> None:
        project = projects[number]
        killed_at_random(project, number, failed)
        lock = project.data / "postgres/postmaster.pid"
        if lock.parent.exists():  # else no run got that far
            lock.write_text(f"{os.getpid()}\n")
        before = len(project.printed())
        process = project.start()
        try:
            address = f"http://localhost:{project.auth}"
            wait_for(f"{address}/readyz", process, project.log)
            wait_for(f"http://localhost:{project.api}/healthz", process, project.log)
            if number == 0:
                refuses_a_second_start(project)
                wait_for(f"{address}/readyz", process, project.log)
            if number == 1:
                crash_the_database(project)
        finally:
            end(project, process, "Ctrl-C")
        project.gone()
        assert [path.name for path in project.data.iterdir()] == ["postgres"]
        assert not lock.exists()
        assert "is taken" not in project.printed(), project.printed()
        for complaint in ("could not", "did not"):
            assert complaint not in project.printed()[before:], project.printed()

    with ThreadPoolExecutor(LANES) as pool:
        for done in [pool.submit(lane, number) for number in range(LANES)]:
            done.result()


# Adopts what loses its parent and never asks what became of it, as the first process of
# many containers does.
_NEVER_REAPS = """
import ctypes, subprocess, sys
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
sys.exit(subprocess.call(sys.argv[1:]))
"""


def test_it_ends_where_nobody_reaps_the_dead(pattern: Path) -> None:
    """The dead that stay members of a group are not taken for the living."""
    project = project_from(pattern, "container")
    process = project.start(sys.executable, "-c", _NEVER_REAPS, *DEV_ALL)
    try:
        wait_for(f"http://localhost:{project.auth}/readyz", process, project.log)
        found = project.processes().items()
        (supervisor,) = (pid for pid, command in found if "supervisor.ts" in command)
        kill(supervisor)
        assert process.wait(timeout=20) == 1, project.printed()
    finally:
        stop(process)
    project.gone()


def test_it_ends_while_a_crashed_database_starts(pattern: Path) -> None:
    """PostgreSQL, crashed on its way up, neither gets ready nor ends when asked."""
    project = project_from(pattern, "crashed")
    process = project.start()
    try:
        crash_the_database(project)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=20)
    finally:
        stop(process)
    project.gone()


def test_nobody_looks_through_the_packages_all_day(pattern: Path) -> None:
    """A change of the application is seen at once; waiting for one costs nothing."""
    project = project_from(pattern, "idle")
    # As many files as a virtual environment has; this one's are behind links.
    packages = project.folder / "backend/.packages"
    packages.mkdir()
    for number in range(5_000):
        (packages / f"{number}.py").touch()
    process = project.start()
    try:
        wait_for(f"http://localhost:{project.api}/healthz", process, project.log)
        found = project.processes().items()
        (reloader,) = (p for p, c in found if "uvicorn" in c and "uv run" not in c)
        time.sleep(1)
        before = processor_seconds(reloader)
        time.sleep(3)
        assert processor_seconds(reloader) - before < 0.1
        (project.folder / "backend/app/auth/models.py").touch()
        deadline = time.monotonic() + 20
        while "models.py'. Reloading" not in project.printed():
            assert time.monotonic() < deadline, project.printed()
            time.sleep(0.1)
    finally:
        stop(process)
    project.gone()


def processor_seconds(pid: int) -> float:
    """Return how long a process has run on a processor."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def test_a_verify_that_is_killed_leaves_no_servers(pattern: Path) -> None:
    """Whatever it had started by then; no one else knows of it."""
    project = project_from(pattern, "verified")
    command = Path(sys.executable).with_name("copier-better-auth")
    process = project.start(command, "verify", project.folder)
    deadline = time.monotonic() + 60
    while not any("uvicorn" in command for command in project.processes().values()):
        assert process.poll() is None, project.printed()
        assert time.monotonic() < deadline, project.printed()
        time.sleep(0.1)
    process.kill()
    process.wait()
    project.gone()


def test_what_is_missing_is_said_in_words(pattern: Path) -> None:
    """What keeps it from starting: one line, and nothing left running."""
    project = project_from(pattern, "messages")
    folders = [str(Path(str(shutil.which(name))).parent) for name in ("npm", "sh")]
    without_uv = os.pathsep.join(folders)
    lines = {
        project.auth: f"Port {project.auth} is taken; stop what uses it, or set PORT",
        project.api: f"Port {project.api} is taken; stop what uses it, or set API_PORT",
        project.database: f"Port {project.database} is taken; stop what uses it, or ch",
        0: "'uv' is not installed, or not on the PATH",
    }
    for port, line in lines.items():
        with contextlib.ExitStack() as stack:
            if port:
                listener = stack.enter_context(socket.socket())
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", port))
                listener.listen()
            process = project.start(**({} if port else {"PATH": without_uv}))
            assert process.wait(timeout=60) != 0
            project.gone()
            assert project.printed().count(line) == 1, project.printed()
    env = project.folder / "auth-server/.env"
    url = re.search(r"(?m)^DATABASE_URL=(.*)$", env.read_text())
    assert url is not None
    set_env(env.parent, DATABASE_URL=re.sub(r":[^:@]+@", ":another@", url[1]))
    assert project.start().wait(timeout=60) != 0
    project.gone()
    assert project.printed().count("was set up with another user or password") == 1
