"""What becomes of requests while the database, the auth server or a worker restarts.

The auth server and FastAPI (``uvicorn --workers 2``) are asked for the caller's session
over kept-alive connections, half of them each. Meanwhile PostgreSQL is stopped and
started, the auth server is killed and started, and a worker is killed, which uvicorn
replaces. Then follows the long phase: only PostgreSQL restarts, again and again, and
the memory of all processes is weighed.

    python benchmarks/faults.py [--seconds 300] [--connections 16 200]
                                [--strategies database cached jwt]

Of a killed process its own connections are *lost*; each is made again at once. Nothing
else but 200 and 503 may be answered, and nothing may hang for longer than 12 seconds.
*Back after* counts from the moment at which what was restarted takes connections to the
last answer that was not 200. The exit code is 1 where one of this did not hold, where a
recovery took more than 2 seconds, a connection to the database was left over, or memory
grew by more than a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from copier_better_auth.answers import Answers
from copier_better_auth.migrations.sql import statements
from copier_better_auth.schema import needed
from support import auth_server
from support.postgres import (
    Restartable,
    execute,
    free_port,
    new_database,
    running_postgres,
)
from support.processes import running, wait_for
from support.sessions import COOKIE, STRATEGIES, connect, sign_in
from support.template import make_template

if TYPE_CHECKING:
    import subprocess
    from collections.abc import AsyncIterator, Callable

ANSWERS = {
    "auth_new_project": False,
    "auth_methods": ["email_password"],
    "auth_database_provider": "local",
    "auth_database_layer": "none",
    "auth_migration_system": "none",
    "auth_deployment": "docker",
    "auth_package_dir": "backend/app/auth",
}
APPLICATION = """\
from fastapi import FastAPI

import auth

app = FastAPI()
app.include_router(auth.router)
"""
REQUESTS_A_SECOND = 50.0
DOWN_SECONDS = 2.0
WATCHED_SECONDS = 8.0
HUNG_SECONDS = 12.0
RECOVERED_SECONDS = 2.0
GROWTH = 1.1


@dataclass(frozen=True)
class Answer:
    """What came of one request, and when."""

    server: str
    at: float
    seconds: float
    outcome: str


@dataclass(frozen=True)
class Outage:
    """When something was taken away, and when it took connections again."""

    began: float
    back: float
    until: float = float("inf")

    def recovery(self, bad: list[Answer]) -> float:
        """Return the seconds to the last bad answer after it was back."""
        ends = (answer.at + answer.seconds for answer in bad)
        return max(
            (e - self.back for e in ends if self.back < e < self.until), default=0
        )


@dataclass
class Callers:
    """Connections that ask each server in turn, again and again."""

    ports: dict[str, int]
    credentials: dict[str, list[str]]
    answers: list[Answer] = field(default_factory=list)

    @asynccontextmanager
    async def asking(self, connections: int) -> AsyncIterator[None]:
        """Ask over half of the connections each."""
        share = connections // len(self.ports)
        interval = max(0.1, share / REQUESTS_A_SECOND)
        tasks = [
            asyncio.create_task(self._ask(server, line, interval, n / share))
            for server, lines in self.credentials.items()
            for n, line in enumerate(lines[:share])
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _ask(self, server: str, line: str, interval: float, part: float) -> None:
        path = "/auth/me" if server == "FastAPI" else "/api/auth/get-session"
        request = f"GET {path} HTTP/1.1\r\nhost: localhost\r\n{line}\r\n\r\n".encode()
        connection = _Connection(self.ports[server])
        await asyncio.sleep(interval * part)
        while True:
            at = time.monotonic()
            outcome = await connection.ask(request)
            seconds = time.monotonic() - at
            self.answers.append(Answer(server, at, seconds, outcome))
            await asyncio.sleep(max(0.05, interval - seconds))


class _Connection:
    """One connection, kept for as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> str:
        try:
            async with asyncio.timeout(HUNG_SECONDS):
                return await self._ask(request)
        except TimeoutError:
            outcome = "hung"
        except (OSError, asyncio.IncompleteReadError):
            outcome = "lost"
        self._close()
        return outcome

    async def _ask(self, request: bytes) -> str:
        if self._streams is not None:
            reader = self._streams[0]
            if reader.at_eof() or reader.exception():  # no client would use it again
                self._close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await _body(reader, head)
        if b"connection: close" in head:
            self._close()
        status = head.split(b" ", 2)[1].decode()
        # get-session says with 200 that it knows of no session.
        return "signed out" if body == b"null" else status

    def _close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """Read as many bytes as the headers say, or chunk after chunk."""
    length = head.partition(b"content-length: ")[2].split(b"\r")[0]
    if length:
        return await reader.readexactly(int(length))
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


@dataclass
class Bench:
    """One strategy's servers, and what is done to them."""

    url: str
    database: Restartable
    folder: Path
    strategy: str
    ports: dict[str, int]
    servers: ExitStack = field(default_factory=ExitStack)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start_auth_server(self) -> None:
        """Start it, or start it anew."""
        port = self.ports["auth server"]
        environment = auth_server.environment(self.url, port)
        command = ["node", "dist/server.js"]
        self._start("auth server", "auth-server", command, environment, "/healthz")

    def start_workers(self) -> None:
        """Start FastAPI with two workers."""
        port = str(self.ports["FastAPI"])
        environment = {
            "DATABASE_URL": self.url,
            "BETTER_AUTH_SECRET": auth_server.SECRET,
            "BETTER_AUTH_URL": f"http://localhost:{self.ports['auth server']}",
            "JWKS_URL": f"http://127.0.0.1:{self.ports['auth server']}/api/auth/jwks",
        }
        command = [
            *(sys.executable, "-m", "uvicorn", "main:app", "--workers", "2"),
            *("--port", port, "--no-access-log", "--log-level", "warning"),
        ]
        self._start("FastAPI", "backend/app", command, environment, "/openapi.json")

    def _start(
        self,
        name: str,
        folder: str,
        command: list[str],
        environment: dict[str, str],
        path: str,
    ) -> None:
        log = self.folder / f"{name}.log"
        process = self.servers.enter_context(
            running(command, cwd=self.folder / folder, log=log, env=environment)
        )
        self.processes[name] = process
        wait_for(f"http://127.0.0.1:{self.ports[name]}{path}", process, log)

    def workers(self) -> list[int]:
        """Return the processes that uvicorn answers with."""
        main = self.processes["FastAPI"].pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [
            int(pid)
            for pid in children
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    def restart_database(self) -> Outage:
        """Stop it, wait, start it."""
        began = time.monotonic()
        self.database.stop()
        time.sleep(DOWN_SECONDS)
        self.database.start()
        return Outage(began, time.monotonic())

    def kill_auth_server(self) -> Outage:
        """Kill it without warning, and start another."""
        began = time.monotonic()
        process = self.processes["auth server"]
        process.kill()
        process.wait()
        self.start_auth_server()
        return Outage(began, time.monotonic())

    def kill_worker(self) -> Outage:
        """Kill one of two without warning; the other takes connections all the time."""
        before = self.workers()
        os.kill(before[0], signal.SIGKILL)
        killed = time.monotonic()
        while len(set(self.workers()) - {before[0]}) < len(before):
            time.sleep(0.05)
        return Outage(killed, killed)

    def connections(self) -> int:
        """Return how many the database has of the servers."""
        counted = "select count(*) from pg_stat_activity where datname = '{}'"
        server, _, name = self.url.rpartition("/")
        return int(execute(f"{server}/postgres", counted.format(name)))

    def megabytes(self) -> dict[str, float]:
        """Return the memory that the processes hold."""
        pids = {"auth server": self.processes["auth server"].pid}
        pids |= {f"worker {n}": pid for n, pid in enumerate(self.workers(), 1)}
        return {name: _resident(pid) for name, pid in pids.items()}


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Report:
    """Prints a line for each fault, and remembers whether all held."""

    has_failed: bool = False

    def heading(self, strategy: str, connections: int) -> None:
        """Print what the columns are."""
        print(
            f"{strategy + f', {connections} connections':<26} {'200':>6} {'503':>5} "
            f"{'lost':>5} {'other':>6} {'longest, s':>11} {'back after, s':>14}"
        )

    def fault(
        self, name: str, killed: str, answers: list[Answer], outages: list[Outage]
    ) -> None:
        """Print what was answered from a fault on."""
        bad = [a for a in answers if a.outcome != "200"]
        recovered = max((o.recovery(bad) for o in outages), default=0.0)
        others = Counter(
            a.outcome
            for a in bad
            if a.outcome != "503" and (a.outcome, a.server) != ("lost", killed)
        )
        outcomes = Counter(a.outcome for a in answers)
        longest = max(a.seconds for a in answers)
        held = not others and recovered <= RECOVERED_SECONDS
        self._print(
            f"{name:<26} {outcomes['200']:>6} {outcomes['503']:>5} "
            f"{outcomes['lost']:>5} {sum(others.values()):>6} {longest:>11.2f} "
            f"{recovered:>14.2f}",
            held,
            dict(others),
        )

    def connections(self, most: int, left: int, bound: int) -> None:
        """Print how many connections to the database there were."""
        said = f"connections to the database: {most} at most, {left} left at the end"
        self._print(said, most <= bound and left == 0)

    def memory(self, weighed: list[dict[str, float]]) -> None:
        """Print the memory of the second fifth of the long phase and of the last."""
        fifth = max(1, len(weighed) // 5)
        for name in weighed[0]:
            figures = [sample[name] for sample in weighed]
            early = statistics.median(figures[fifth : 2 * fifth] or figures)
            late = statistics.median(figures[-fifth:])
            said = f"memory of {name}: {early:.0f} MB, at the end {late:.0f} MB"
            self._print(said, late <= early * GROWTH)

    def _print(self, line: str, held: bool, others: object = "") -> None:  # noqa: FBT001
        self.has_failed |= not held
        print(line, "" if held else f"<-- {others or 'not so'}", flush=True)


async def _measure(
    bench: Bench, connections: int, seconds: float, report: Report
) -> None:
    credentials = await _credentials(bench, connections // 2)
    callers = Callers(bench.ports, credentials)
    faults: dict[str, tuple[str, Callable[[], Outage]]] = {
        "PostgreSQL restarted": ("", bench.restart_database),
        "auth server killed": ("auth server", bench.kill_auth_server),
        "a worker killed": ("FastAPI", bench.kill_worker),
    }
    most = 0
    async with callers.asking(connections):
        await asyncio.sleep(3)
        report.fault("nothing, 3 seconds", "", callers.answers, [])
        for name, (killed, harm) in faults.items():
            callers.answers.clear()
            outage = await asyncio.to_thread(harm)
            await asyncio.sleep(WATCHED_SECONDS)
            most = max(most, await asyncio.to_thread(bench.connections))
            report.fault(name, killed, list(callers.answers), [outage])
        weighed: list[dict[str, float]] = []
        end = time.monotonic() + seconds
        callers.answers.clear()
        outages: list[Outage] = []
        while time.monotonic() < end:
            outage = await asyncio.to_thread(bench.restart_database)
            for _ in range(20):
                await asyncio.sleep(1)
                weighed.append(bench.megabytes())
            most = max(most, await asyncio.to_thread(bench.connections))
            outages.append(replace(outage, until=time.monotonic()))
        name = f"{seconds:.0f} s of restarts"
        report.fault(name, "", list(callers.answers), outages)
    bench.servers.close()
    await asyncio.sleep(1)
    # The auth server's pool, and each worker's with its listening connection.
    report.connections(most, bench.connections(), 10 + 2 * (4 + 1))
    report.memory(weighed)


async def _credentials(bench: Bench, people: int) -> dict[str, list[str]]:
    """Sign people in; return the header lines that speak for them at each server."""
    database = await connect(bench.url)
    signed_in = [
        await sign_in(database, secret=auth_server.SECRET) for _ in range(people)
    ]
    await database.close()
    cookies = [f"cookie: {COOKIE}={person.cookie}" for person in signed_in]
    lines = cookies
    if bench.strategy == "jwt":
        address = f"http://127.0.0.1:{bench.ports['auth server']}/api/auth/token"
        lines = [await asyncio.to_thread(_token, address, cookie) for cookie in cookies]
    return {"auth server": cookies, "FastAPI": lines}


def _token(address: str, cookie: str) -> str:
    name, _, value = cookie.partition(": ")
    with urlopen(Request(address, headers={name: value})) as answer:  # noqa: S310 - ours
        return f"authorization: Bearer {json.load(answer)['token']}"


def main() -> int:
    """Render and build each strategy, do the harm, print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--connections", type=int, nargs="+", default=[16, 200])
    parser.add_argument(
        "--strategies", nargs="+", choices=STRATEGIES, default=STRATEGIES
    )
    options = parser.parse_args()
    report = Report()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(running_postgres())
        database = Restartable(cluster)
        stack.callback(database.stop)
        template = make_template(folder / "template")
        for strategy in options.strategies:
            project = folder / strategy
            answers = {**ANSWERS, "auth_session_validation": strategy}
            server = auth_server.render(template, project, answers)
            auth_server.build(server)
            (project / "backend/app/main.py").write_text(APPLICATION)
            for connections in options.connections:
                bench = Bench(
                    url=new_database(cluster),
                    database=database,
                    folder=project,
                    strategy=strategy,
                    ports={"auth server": free_port(), "FastAPI": free_port()},
                )
                tables = needed(Answers(auth_session_validation=strategy), [])
                execute(bench.url, statements(tables))
                busy = os.getloadavg()[0]
                with bench.servers:
                    bench.start_auth_server()
                    bench.start_workers()
                    report.heading(strategy, connections)
                    measuring = _measure(bench, connections, options.seconds, report)
                    asyncio.run(measuring)
                print(f"load average {busy:.1f}, then {os.getloadavg()[0]:.1f}\n")
    return int(report.has_failed)


if __name__ == "__main__":
    sys.exit(main())
