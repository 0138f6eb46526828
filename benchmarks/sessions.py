"""What does it cost to know who is calling? Each strategy against the open route.

One server process on one core; the load, on another, comes over kept-alive connections,
each with its own session. In turn each route is asked for a second; a ratio is the
requests a second of a route to those of the same application's route that asks nobody,
in the same run. Next to it are the microseconds that the server spends on a processor
for one request, which other work on the machine hardly changes. Asked in the same way
are a look-up written by hand with asyncpg, the package in the shape of FastAPI's
documentation (a security scheme before it, a dependency for each step), the auth server
each time, and fastapi-better-auth-bridge where it installs.
Percentiles are of the milliseconds that an answer takes at half that load, counted from
the moment at which the request was due.

For ``cached`` follow the milliseconds from a revocation's commit to the first refusal,
and the memory that one session takes; for ``database`` what it costs with a million
sessions of a hundred thousand users against a thousand.

    python benchmarks/sessions.py [--rounds 5] [--connections 16] [--package-only]

With ``--against REVISION`` only this: the look-up of an earlier revision's package, of
today's, and of today's with five further fields, in turn in one run, and their ratios.

    python benchmarks/sessions.py --against REVISION [--rounds 20]
"""

from __future__ import annotations

# ruff: noqa: E402 - sys.path comes first
import sys
from pathlib import Path

# What the tests have is imported from there, instead of from this folder.
TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path[0] = str(TESTS)

import argparse
import asyncio
import itertools
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import tracemalloc
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from copier_better_auth.answers import parse_answers
from copier_better_auth.migrations.change import needed
from copier_better_auth.migrations.sql import statements
from support import auth_server
from support.bridge_environment import BRIDGE, VIEWS, bridge_python
from support.postgres import execute, free_port, new_database, running_postgres
from support.processes import running, wait_for
from support.sessions import (
    COOKIE,
    SECRET,
    STRATEGIES,
    connect,
    create_tables,
    render_package,
    sign_in,
    signed,
)
from support.template import ROOT, commit_all, git, make_template
from support.tokens import AuthServer, serving_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

GOALS = {"database": "0.95 of by hand", "cached": "0.70", "jwt": "0.75"}
# As the package is; with a security scheme before it; with a dependency for each step.
ROUTES = ("/signed-in", "/scheme", "/steps")
REVOCATIONS = 300
FILL = """
    INSERT INTO auth_user (name, email)
    SELECT 'Ada', n || '@example.com' FROM generate_series(1, {users}) AS n;
    INSERT INTO auth_session (user_id, token, expires_at)
    SELECT id, md5(id::text || n), now() + interval '7 days'
      FROM auth_user, generate_series(1, 10) AS n
"""
REMEMBERED = 10_000
# What ``sync`` records of five fields: of each type that is common.
FURTHER = {
    "auth_schema_additions": [
        {
            "name": "auth_user",
            "columns": [
                {"name": "role", "type": "text", "default": "user"},
                {"name": "banned", "type": "boolean", "default": False},
                {"name": "plan", "type": "text", "values": ["free"], "default": "free"},
                {"name": "logins", "type": "integer", "default": 0},
                {"name": "joined_at", "type": "timestamptz", "default": "now"},
            ],
        }
    ]
}
# Each against the row before it that is named.
BARE = {"auth_database_layer": "none", "auth_migration_system": "none"}
RENDER = """
import json, sys
from pathlib import Path
from support.auth_server import render
render(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
"""
LOOK_UPS = {"before": "", "now": "0.97 of before", "five fields": "0.95 of before"}


@dataclass
class Load:
    """How a route is asked."""

    connections: int
    rounds: int
    seconds: float = 1.0


class Caller(asyncio.Protocol):
    """Sends its requests in turn, each when the answer before is whole."""

    def __init__(self, requests: list[bytes], until: float) -> None:
        """Ask until a moment."""
        self.requests = itertools.cycle(requests)
        self.until = until
        self.answers = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport: Any = transport
        self.transport.write(next(self.requests))

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
            self.transport.write(next(self.requests))
        else:
            self.transport.close()
            self.done.set_result(self.answers)


def request_for(path: str, header: str) -> bytes:
    """Return a request with one header line of its own."""
    lines = [f"GET {path} HTTP/1.1", "host: api.test", "accept: */*", header, "", ""]
    return "\r\n".join(lines).encode()


async def requests_a_second(
    port: int, path: str, headers: list[str], load: Load
) -> float:
    """Ask over the connections, each with its share of the header lines."""
    until = time.perf_counter() + load.seconds
    callers: list[Caller] = []
    for n in range(load.connections):
        share = [request_for(path, line) for line in headers[n :: load.connections]]
        caller = Caller(share, until)
        callers.append(caller)
        await asyncio.get_running_loop().create_connection(
            lambda caller=caller: caller, "127.0.0.1", port
        )
    return sum(await asyncio.gather(*(c.done for c in callers))) / load.seconds


async def milliseconds(
    port: int, path: str, headers: list[str], rate: float, load: Load
) -> list[float]:
    """Return how long answers take at a rate, from the moment when each was due."""
    interval = load.connections / rate
    until = time.perf_counter() + load.rounds * load.seconds
    figures: list[float] = []

    async def ask(n: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = request_for(path, headers[n])
        due = time.perf_counter() + interval * n / load.connections
        while due < until:
            await asyncio.sleep(due - time.perf_counter())
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length: ")[2].split(b"\r")[0]
            await reader.readexactly(int(length))
            figures.append((time.perf_counter() - due) * 1000)
            due += interval
        writer.close()

    await asyncio.gather(*map(ask, range(load.connections)))
    return figures


@dataclass
class Figures:
    """What each round of a route has shown."""

    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second, the median of the rounds."""
        return statistics.median(self.rates)

    @property
    def microseconds(self) -> float:
        """The server's time on a processor for a request, the least of the rounds."""
        return min(self.processor) * 1_000_000


async def measure(
    port: int, paths: list[str], headers: list[str], load: Load, server: int
) -> dict[str, Figures]:
    """Return the figures of each route, asked in turn."""
    seen = {path: Figures() for path in paths}
    for turn in range(load.rounds + 1):
        for path, figures in seen.items():
            before = processor_seconds(server)
            rate = await requests_a_second(port, path, headers, load)
            spent = processor_seconds(server) - before
            if turn:  # the first round warms everything up
                figures.rates.append(rate)
                figures.processor.append(spent / (rate * load.seconds))
    return seen


def processor_seconds(pid: int) -> float:
    """Return how long a process has run on a processor; 0 where Linux does not say."""
    try:
        fields = Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(fields[0]) / 1_000_000_000


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


@dataclass(kw_only=True)
class Bench:
    """Where everything runs, and how it is asked."""

    stack: ExitStack
    folder: Path
    url: str
    keys: AuthServer
    load: Load
    servers: dict[int, int] = field(default_factory=dict)  # by port

    def serve(self, name: str, app: str, python: str, **environment: str) -> int:
        """Start an application on its own core; return its port."""
        port, log = free_port(), self.folder / f"{name}.log"
        command = [
            *(python, "-m", "uvicorn", f"support.{app}:app", "--port", str(port)),
            *("--no-access-log", "--log-level", "warning"),
        ]
        env = {
            "PYTHONPATH": str(TESTS),
            "DATABASE_URL": self.url,
            "BETTER_AUTH_SECRET": SECRET,
            "BETTER_AUTH_URL": self.keys.url,
            **environment,
        }
        process = self.stack.enter_context(
            running(command, cwd=self.folder, log=log, env=env)
        )
        wait_for(f"http://127.0.0.1:{port}/open", process, log)
        _own_cores(process)
        self.servers[port] = process.pid
        return port

    def package(self, strategy: str, **environment: str) -> int:
        """Start the application with a strategy's package; return its port."""
        path = f"{self.folder / strategy / 'backend'}:{TESTS}"
        name = f"auth_{strategy}"
        given = {"AUTH_PACKAGE": name, "PYTHONPATH": path, **environment}
        return self.serve(strategy, "measured", sys.executable, **given)

    def show(self, name: str, port: int, paths: list[str], strategy: str) -> None:
        """Measure and print each path, against the first."""
        load = self.load
        headers = asyncio.run(
            headers_for(strategy, self.url, self.keys, load.connections)
        )
        server = self.servers[port]
        seen = asyncio.run(measure(port, paths, headers, load, server))
        for path, figures in seen.items():
            figure = figures.rate
            goal = GOALS[name] if path == "/signed-in" else ""
            times = asyncio.run(milliseconds(port, path, headers, figure / 2, load))
            cuts = statistics.quantiles(times, n=100)
            percentiles = " ".join(f"{cuts[n]:>6.1f}" for n in (49, 94, 98))
            print(
                f"{f'{name} {path}':<28} {figure:>10.0f} "
                f"{figure / seen[paths[0]].rate:>6.2f} {figures.microseconds:>7.0f} "
                f"{percentiles}  {goal}",
                flush=True,
            )


def main() -> None:
    """Render, start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument(
        "--package-only", action="store_true", help="leave out what others do"
    )
    parser.add_argument("--against", metavar="REVISION", default="")
    options = parser.parse_args()
    load = Load(options.connections, options.rounds)
    busy = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base = stack.enter_context(running_postgres())
        url = new_database(base)
        create_tables(url)
        keys = stack.enter_context(serving_keys())
        template = make_template(folder / "template")
        if options.against:
            bench = Bench(stack=stack, folder=folder, url=url, keys=keys, load=load)
            _bench_look_ups(bench, base, template, options.against)
            _print_load(load, busy)
            return
        for strategy in STRATEGIES:
            render_package(template, folder / strategy, strategy)
        bench = Bench(stack=stack, folder=folder, url=url, keys=keys, load=load)
        print(f"{'':<54} {'at half load, ms':>20}")
        print(
            f"{'route':<28} {'requests/s':>10} {'ratio':>6} {'µs each':>7} "
            f"{'50%':>6} {'95%':>6} {'99%':>6}  goal",
            flush=True,
        )
        for strategy in STRATEGIES:
            port = bench.package(strategy)
            by_hand = [] if strategy == "jwt" else ["/by-hand"]
            bench.show(strategy, port, ["/open", *by_hand, *ROUTES], strategy)
            if strategy == "cached":
                _print_revocations(port, url)
        if not options.package_only:
            _bench_get_session(bench, template)
            _bench_bridge(bench)
            _bench_a_million(bench, base)
        print(f"memory of a cached session: {bytes_a_session('auth_cached'):.0f} bytes")
    _print_load(load, busy)


def _print_load(load: Load, busy: float) -> None:
    print(
        f"{load.connections} connections, {load.rounds} rounds of each route in turn; "
        f"load average {busy:.1f} at the start, {os.getloadavg()[0]:.1f} at the end, "
        f"on {os.cpu_count()} cores"
    )


def _print_revocations(port: int, url: str) -> None:
    times = asyncio.run(revocation_milliseconds(port, url))
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{'from commit to refusal':<28} median {cuts[49]:.1f} ms, "
        f"95% {cuts[94]:.1f} ms, 99% {cuts[98]:.1f} ms, worst {max(times):.1f} ms",
        flush=True,
    )


def _bench_get_session(bench: Bench, template: Path) -> None:
    answers = {
        "auth_methods": ["email_password"],
        "auth_session_validation": "cached",
        "auth_migration_system": "none",
        "auth_deployment": "docker",
    }
    server = auth_server.render(template, bench.folder / "auth-server", answers)
    auth_server.build(server)
    with auth_server.running_server(
        server, bench.url, BETTER_AUTH_SECRET=SECRET
    ) as asked:
        port = bench.package("database", BETTER_AUTH_URL=asked.url)
        bench.show("asking", port, ["/open", "/get-session"], "database")


def _bench_bridge(bench: Bench) -> None:
    python = bridge_python(bench.folder / "bridge")
    if python is None:
        print(f"{BRIDGE} does not install here")
        return
    execute(bench.url, VIEWS)
    port = bench.serve("bridge", "bridge", python)
    bench.show("bridge", port, ["/open", "/cookie/auth/me"], "database")
    bench.show("bridge", port, ["/open", "/jwt/auth/me"], "jwt")


def _bench_a_million(bench: Bench, base: str) -> None:
    """Ask for a thousand different sessions, among a thousand and among a million."""
    ratios: dict[str, list[float]] = {}
    served: dict[str, tuple[int, list[str]]] = {}
    for name, users in (("a thousand", 100), ("a million", 100_000)):
        url = new_database(base)
        create_tables(url)
        execute(url, FILL.format(users=users))
        execute(url, "VACUUM ANALYZE")
        chosen = execute(
            url, "SELECT token FROM auth_session ORDER BY random() LIMIT 1000"
        )
        headers = [f"cookie: {COOKIE}={signed(token)}" for token in chosen.split()]
        port = bench.package("database", DATABASE_URL=url)
        served[name], ratios[name] = (port, headers), []
    for turn in range(2 * bench.load.rounds + 1):
        for name, (port, headers) in served.items():
            rates = [
                asyncio.run(requests_a_second(port, path, headers, bench.load))
                for path in ("/open", "/signed-in")
            ]
            if turn:  # the first round warms everything up
                ratios[name].append(rates[1] / rates[0])
    few, many = (statistics.median(figures) for figures in ratios.values())
    print(
        f"database among {' and '.join(ratios)} sessions: "
        f"{few:.3f} and {many:.3f} of the open route, {many / few:.2f} of each other"
    )


def _bench_look_ups(bench: Bench, base: str, template: Path, revision: str) -> None:
    """Ask for the signed-in user with an earlier package, today's, and five fields."""
    earlier = _template_of(revision, bench.folder / "earlier-template")
    kinds: Mapping[str, tuple[Path, Mapping[str, object]]] = {
        "before": (earlier, {}),
        "now": (template, {}),
        "five fields": (template, FURTHER),
    }
    for strategy in STRATEGIES:
        served: dict[str, tuple[int, list[str]]] = {}
        for kind, (source, further) in kinds.items():
            url = new_database(base)
            answers = {**further, "auth_session_validation": strategy}
            execute(url, statements(needed(parse_answers(answers), [])))
            name = f"{strategy}_{kind.split()[0]}"
            _render_apart(
                source,
                bench.folder / name,
                {**answers, **BARE, "auth_package_dir": f"backend/auth_{name}"},
            )
            headers = asyncio.run(
                headers_for(strategy, url, bench.keys, bench.load.connections)
            )
            port = bench.package(name, DATABASE_URL=url)
            served[kind] = (port, headers)
        _print_look_ups(bench, strategy, served)


def _print_look_ups(
    bench: Bench, strategy: str, served: Mapping[str, tuple[int, list[str]]]
) -> None:
    seen = {kind: Figures() for kind in served}
    for turn in range(bench.load.rounds + 1):
        # Each is the first as often as the others, should the first have an advantage.
        order = [*served][turn % 3 :] + [*served][: turn % 3]
        for kind in order:
            port, headers = served[kind]
            before = processor_seconds(bench.servers[port])
            rate = asyncio.run(
                requests_a_second(port, "/signed-in", headers, bench.load)
            )
            spent = processor_seconds(bench.servers[port]) - before
            if turn:  # the first round warms everything up
                seen[kind].rates.append(rate)
                seen[kind].processor.append(spent / (rate * bench.load.seconds))
    for kind, figures in seen.items():
        pairs = zip(figures.rates, seen["before"].rates, strict=True)
        ratio = statistics.median(now / before for now, before in pairs)
        print(
            f"{f'{strategy}, {kind}':<28} {figures.rate:>10.0f} {ratio:>6.3f} "
            f"{figures.microseconds:>7.0f}  {LOOK_UPS[kind]}",
            flush=True,
        )


def _template_of(revision: str, folder: Path) -> Path:
    """Return the template as a revision of this repository has it."""
    folder.mkdir()
    archive = folder.with_suffix(".tar")
    git(ROOT, "archive", "--output", str(archive), revision)
    shutil.unpack_archive(archive, folder, filter="data")
    commit_all(folder)
    git(folder, "tag", "v0.0.1")
    return folder


def _render_apart(template: Path, folder: Path, answers: Mapping[str, object]) -> None:
    """Render in a process of its own: two revisions have modules of one name."""
    subprocess.run(
        [sys.executable, "-c", RENDER, template, folder, json.dumps(answers)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        check=True,
    )


def _own_cores(server: subprocess.Popen[bytes]) -> None:
    """Keep the load off the server's core, where the system can."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(server.pid, {0})
        os.sched_setaffinity(0, set(range(1, os.cpu_count() or 2)))


if __name__ == "__main__":
    main()
