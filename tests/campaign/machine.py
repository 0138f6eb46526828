"""A developer's machine: services on their usual ports, managers, a project's Python.

Projects name ``localhost:5432`` in their code, so the services are where these look for
them, on loopback alone; what listens there already is used as it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from support.debian import program
from support.package_managers import environment_with
from support.postgres import NOBODY, binaries
from support.processes import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from campaign.facts import Repository

POSTGRES, REDIS, MARIADB = 5432, 6379, 3306
ADMIN = f"postgresql://postgres:postgres@localhost:{POSTGRES}"
_RUN = {"uv": "uv run", "poetry": "poetry run", "pdm": "pdm run"}
_RUN |= {"hatch": "hatch run", "pipenv": "pipenv run", "pip": ""}
_MOUNTED = 'mount --bind "$CAMPAIGN_HOSTS" /etc/hosts && exec bash -c "$0"'


@contextlib.contextmanager
def services(wanted: set[str], ports: set[int]) -> Iterator[None]:
    """Run PostgreSQL, and of Redis and MariaDB what is wanted, until all is done."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        if not _listens(POSTGRES):
            stack.enter_context(_postgres(folder / "postgres"))
        if "redis" in wanted and not _listens(REDIS):
            redis = program("redis-server", "redis-server")
            command = [redis, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
            stack.enter_context(running(command, cwd=folder, log=folder / "redis.log"))
            _wait(REDIS)
        if "mariadb" in wanted and not _listens(MARIADB):
            stack.enter_context(_mariadb(folder / "mariadb"))
        for port in ports:
            command = [program("socat", "socat"), f"TCP-LISTEN:{port},fork,reuseaddr"]
            command[-1] += ",bind=127.0.0.1"
            command += [f"TCP:127.0.0.1:{POSTGRES}"]
            stack.enter_context(running(command, cwd=folder, log=folder / "ports.log"))
        yield


@contextlib.contextmanager
def _postgres(data: Path) -> Iterator[None]:
    data.mkdir()
    shutil.chown(data, NOBODY, NOBODY)
    tools = binaries()
    subprocess.run(
        [tools / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8"],
        check=True,
        capture_output=True,
        cwd="/",
        user=NOBODY,
        group=NOBODY,
    )
    command: list[str | Path] = [tools / "postgres", "-D", data, "-h", "127.0.0.1"]
    command += ["-p", str(POSTGRES), "-k", "", "-c", "max_connections=200"]
    command += ["-c", f"extension_control_path={_extensions(data)}:$system"]
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    log = data.with_suffix(".log")
    with running([*as_nobody, *command], cwd=Path("/"), log=log):
        _wait(POSTGRES)
        yield


def _extensions(data: Path) -> Path:
    """Make what projects ask for and PyPI's PostgreSQL lacks; they use what is core's.

    ``gen_random_uuid()`` came with pgcrypto once.
    """
    folder = data.with_suffix(".extensions")
    (folder / "extension").mkdir(parents=True)
    control = folder / "extension" / "pgcrypto.control"
    control.write_text("default_version = '1.3'\n")
    control.with_name("pgcrypto--1.3.sql").write_text("")
    folder.chmod(0o755)
    return folder


@contextlib.contextmanager
def _mariadb(data: Path) -> Iterator[None]:
    install = program("mariadb-server", "mariadb-install-db")
    daemon = program("mariadb-server", "mariadbd", "mysqld")
    user = "--user=root"
    made = [install, f"--datadir={data}", user, "--auth-root-authentication-method"]
    made[-1] += "=normal"
    subprocess.run(made, check=True, capture_output=True)
    socket_ = f"--socket={data}/socket"
    start = f"{data}.sql"
    Path(start).write_text(
        "".join(
            f"create user {name}@'{host}' identified by '{name}';\n"
            f"grant all on *.* to {name}@'{host}';\n"
            for name in ("fastapi", "docker")
            # An anonymous user of localhost would come before any of all hosts.
            for host in ("%", "localhost")
        )
    )
    command = [daemon, "--no-defaults", f"--datadir={data}", user, socket_]
    command += ["--bind-address=127.0.0.1", f"--init-file={start}"]
    log = data.with_suffix(".log")
    with running(command, cwd=Path("/"), log=log):
        _wait(MARIADB)
        yield


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(port: int, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not _listens(port):
        if time.monotonic() > deadline:
            message = f"nothing listens on port {port}"
            raise RuntimeError(message)
        time.sleep(0.2)


def fresh_database(repository: Repository) -> None:
    """Make the project's database anew, and the roles that its addresses name."""
    for role in repository.roles:
        _sql("postgres", f"drop role if exists {role}", f"create role {role}")
        _sql("postgres", f"alter role {role} superuser login")
    for name in filter(None, (repository.database, repository.test_database)):
        if "mariadb" in repository.services:
            client = program("mariadb-client", "mariadb")
            sql = f"drop database if exists `{name}`; create database `{name}`"
            command = [client, "-h127.0.0.1", "-uroot", "-e", sql]
            subprocess.run(command, check=True, capture_output=True)
        elif name == "postgres":
            _sql(name, "drop schema public cascade", "create schema public")
        else:
            _sql("postgres", f'drop database if exists "{name}" with (force)')
            _sql("postgres", f'create database "{name}"')


def _sql(database: str, *statements: str) -> None:
    for statement in statements:
        command = [binaries() / "psql", f"{ADMIN}/{database}", "-XAtqc", statement]
        subprocess.run(command, check=False, capture_output=True)


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that has ended; ``code`` is ``None`` where its time was up."""

    code: int | None
    text: str

    @property
    def last(self) -> str:
        """The last line that says something."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        return lines[-1][:300] if lines else f"ended with {self.code}"


@dataclass(frozen=True, kw_only=True)
class Developer:
    """One who has cloned the project, with its manager and Python on the path."""

    repository: Repository
    root: Path
    away: Path
    env: dict[str, str] = field(default_factory=dict[str, str])

    def run(
        self,
        command: str,
        *,
        folder: str = ".",
        within: float = 600,
        env: dict[str, str] | None = None,
        inside: bool = False,
    ) -> Done:
        """Run a shell's line; ``inside`` the project's environment where that is said.

        What is still running after ``within`` seconds is ended with all it started.
        """
        prefix = _RUN[self.repository.manager] if inside else ""
        line = f"{prefix} {command}".strip()
        log = self.away / "last.log"
        log.unlink(missing_ok=True)
        shell: Sequence[str] = ["bash", "-c", line]
        if self.repository.hosts:
            shell = ["unshare", "--mount", "bash", "-c", _MOUNTED, line]
        everything = self.env | (env or {})
        with running(shell, cwd=self.root / folder, log=log, env=everything) as process:
            try:
                code: int | None = process.wait(timeout=within)
            except subprocess.TimeoutExpired:
                code = None
        return Done(code=code, text=log.read_text(errors="replace"))

    def prefix(self) -> str:
        """Return the folder of the Python environment that the manager made."""
        line = 'python -c "import sys; print(sys.prefix)"'
        folder = self.repository.folder
        return self.run(line, folder=folder, inside=True).last


def developer(repository: Repository, root: Path, away: Path) -> Developer:
    """Set up a machine for one project; everything of it is in ``away``."""
    shutil.rmtree(away / "manager" / "bin", ignore_errors=True)
    env = environment_with(repository.manager, repository.node, away / "manager")
    python = _python(repository.python)
    env |= repository.env
    env["PYTHON"] = env["HATCH_PYTHON"] = python
    if repository.manager != "hatch":
        # Hatch's own environment is the one that its uv installs into.
        env["UV_PYTHON"] = python
    env["UV_PYTHON_DOWNLOADS"] = "never"
    env["PATH"] = f"{env['PATH']}{os.pathsep}{Path(python).parent}"
    if repository.manager == "pip":
        venv = away / "venv"
        command = ["uv", "venv", "--quiet", "--seed", "--python", python, str(venv)]
        if not venv.exists():
            subprocess.run(command, check=True, capture_output=True)
        env["VIRTUAL_ENV"] = str(venv)
        env["PATH"] = f"{venv / 'bin'}{os.pathsep}{env['PATH']}"
    if repository.hosts:
        names = " ".join(("localhost", *repository.hosts))
        (away / "hosts").write_text(f"127.0.0.1 {names}\n")
        env["CAMPAIGN_HOSTS"] = str(away / "hosts")
    return Developer(repository=repository, root=root, away=away, env=env)


def _python(version: str) -> str:
    found = subprocess.run(
        ["uv", "python", "find", "--no-project", version],  # noqa: S607 - from PATH
        check=True,
        capture_output=True,
        text=True,
        env={name: v for name, v in os.environ.items() if name != "VIRTUAL_ENV"},
    )
    # Where it is a shim, what it leads to.
    command = [found.stdout.strip(), "-c", "import sys; print(sys.executable)"]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    return said.stdout.strip()
