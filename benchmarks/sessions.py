"""What does it cost to know who is calling? Each strategy against the open route.

One server process on one core; the load, on another, comes over kept-alive connections,
each with a session of its own. In turn each route is asked for a second; a ratio is the
requests a second of a route to those of the same application's route that asks nobody,
in the same run. Beside them stands a look-up written by hand with asyncpg.

For ``cached`` follow the milliseconds from a revocation's commit to the first refusal,
and the memory that one session takes.

    python benchmarks/sessions.py [--rounds 5] [--connections 16]
"""

from __future__ import annotations

# ruff: noqa: E402 - sys.path comes first
import sys
from pathlib import Path

# In place of this folder, whose copy.py would hide Python's own.
TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path[0] = str(TESTS)

import argparse
import asyncio
import os
import statistics
import tempfile
import time
import tracemalloc
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from support.postgres import execute, free_port, running_postgres
from support.processes import running, wait_for
from support.sessions import (
    COOKIE,
    SECRET,
    STRATEGIES,
    connect,
    create_tables,
    render,
    sign_in,
)
from support.template import make_template
from support.tokens import AuthServer, serving_keys

if TYPE_CHECKING:
    import subprocess

GOALS = {"database": "0.95 of by hand", "cached": "0.70", "jwt": "0.75"}
REVOCATIONS = 300
REMEMBERED = 10_000


@dataclass
class Load:
    """How a route is asked."""

    connections: int
    rounds: int
    seconds: float = 1.0


class Caller(asyncio.Protocol):
    """Sends the same request again whenever its answer is whole."""

    def __init__(self, request: bytes, until: float) -> None:
        """Ask until a moment."""
        self.request = request
        self.until = until
        self.answers = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport: Any = transport
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Count an answer and ask again."""
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            message = head.decode() + body.decode()
            self.done.set_exception(RuntimeError(message))
            return
        self._buffer = b""
        self.answers += 1
        if time.perf_counter() < self.until:
            self.transport.write(self.request)
        else:
            self.transport.close()
            self.done.set_result(self.answers)


async def requests_a_second(
    port: int, path: str, headers: list[str], seconds: float
) -> float:
    """Ask over one connection for each header line."""
    until = time.perf_counter() + seconds
    callers: list[Caller] = []
    for header in headers:
        text = (
            f"GET {path} HTTP/1.1\r\nhost: api.test\r\naccept: */*\r\n{header}\r\n\r\n"
        )
        caller = Caller(text.encode(), until)
        callers.append(caller)
        await asyncio.get_running_loop().create_connection(
            lambda caller=caller: caller, "127.0.0.1", port
        )
    return sum(await asyncio.gather(*(c.done for c in callers))) / seconds


async def measure(
    port: int, paths: list[str], headers: list[str], load: Load
) -> dict[str, float]:
    """Return the median requests a second of each route, asked in turn."""
    seen: dict[str, list[float]] = {path: [] for path in paths}
    for turn in range(load.rounds + 1):
        for path, figures in seen.items():
            figure = await requests_a_second(port, path, headers, load.seconds)
            if turn:  # the first round warms everything up
                figures.append(figure)
    return {path: statistics.median(figures) for path, figures in seen.items()}


async def revocation_milliseconds(port: int, url: str) -> list[float]:
    """Revoke sessions that are in memory; time each from commit to refusal."""
    database = await connect(url)
    figures: list[float] = []
    for _ in range(REVOCATIONS):
        person = await sign_in(database)
        header = f"cookie: {COOKIE}={person.cookie}"
        await _status(port, header)  # from now on it is in memory
        await database.execute(
            "DELETE FROM auth_session WHERE token = $1", person.token
        )
        committed = time.perf_counter()
        while await _status(port, header) != HTTPStatus.UNAUTHORIZED:
            pass
        figures.append((time.perf_counter() - committed) * 1000)
    await database.close()
    return figures


async def _status(port: int, header: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = f"GET /auth/me HTTP/1.1\r\nhost: a\r\n{header}\r\nconnection: close\r\n\r\n"
    writer.write(lines.encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


async def headers_for(
    strategy: str, url: str, keys: AuthServer, connections: int
) -> list[str]:
    """Return a good credential for each connection."""
    database = await connect(url)
    people = [await sign_in(database) for _ in range(connections)]
    await database.close()
    if strategy == "jwt":
        tokens = [keys.token(sub=person.user_id) for person in people]
        return [f"authorization: Bearer {token}" for token in tokens]
    return [f"cookie: {COOKIE}={person.cookie}" for person in people]


def bytes_a_session(package: str) -> float:
    """Return what one more session in memory takes, credential and index included."""
    models: Any = import_module(f"{package}.models")
    cache: Any = import_module(f"{package}.cache")
    strategy = object.__new__(cache.CachedStrategy)
    strategy._sessions, strategy._credentials_of = {}, {}
    tracemalloc.start()
    for n in range(REMEMBERED):
        user = models.User(uuid4(), f"person-{n}@example.com", True, f"Person {n}")  # noqa: FBT003
        session = models.Session(uuid4(), datetime.now(UTC), user)
        strategy._keep(f"{n:032}.{'s' * 46}", session)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / REMEMBERED


def main() -> None:
    """Render, start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    load = Load(options.connections, options.rounds)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"{stack.enter_context(running_postgres())}/sessions"
        execute(f"{url.rpartition('/')[0]}/postgres", "create database sessions")
        create_tables(url)
        keys = stack.enter_context(serving_keys())
        template = make_template(folder / "template")
        print(f"{'route':<28} {'requests/s':>10} {'ratio':>6}  goal", flush=True)
        for strategy in STRATEGIES:
            package = render(template, folder / strategy, strategy)
            _bench(strategy, package, folder, url, keys, load)
        print(
            f"\nmemory of a cached session: {bytes_a_session('auth_cached'):.0f} bytes"
        )
    print(f"{load.connections} connections, {load.rounds} rounds of each route in turn")


def _bench(  # noqa: PLR0913, PLR0917 - one call
    strategy: str, package: str, folder: Path, url: str, keys: AuthServer, load: Load
) -> None:
    port, log = free_port(), folder / f"{strategy}.log"
    environment = {
        "AUTH_PACKAGE": package,
        "PYTHONPATH": f"{folder / strategy / 'backend'}:{TESTS}",
        "DATABASE_URL": url,
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": keys.url,
    }
    command = [
        *(sys.executable, "-m", "uvicorn", "support.measured:app", "--port", str(port)),
        *("--no-access-log", "--log-level", "warning"),
    ]
    with running(command, cwd=folder, log=log, env=environment) as process:
        wait_for(f"http://127.0.0.1:{port}/open", process, log)
        _own_cores(process)
        headers = asyncio.run(headers_for(strategy, url, keys, load.connections))
        paths = ["/open", *(["/by-hand"] if strategy != "jwt" else []), "/signed-in"]
        figures = asyncio.run(measure(port, paths, headers, load))
        floor = figures["/open"]
        for path, figure in figures.items():
            goal = GOALS[strategy] if path == "/signed-in" else ""
            name = f"{strategy} {path}"
            print(f"{name:<28} {figure:>10.0f} {figure / floor:>6.2f}  {goal}")
        if strategy == "cached":
            times = asyncio.run(revocation_milliseconds(port, url))
            cuts = statistics.quantiles(times, n=100)
            print(
                f"{'from commit to refusal':<28} median {cuts[49]:.1f} ms, "
                f"95% {cuts[94]:.1f} ms, 99% {cuts[98]:.1f} ms, "
                f"worst {max(times):.1f} ms"
            )
        sys.stdout.flush()


def _own_cores(server: subprocess.Popen[bytes]) -> None:
    """Keep the load off the server's core, where the system can."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(server.pid, {0})
        os.sched_setaffinity(0, set(range(1, os.cpu_count() or 2)))


if __name__ == "__main__":
    main()
