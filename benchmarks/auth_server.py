"""Time the auth server from its start to its first answer, and weigh it.

Against an Express application with one route and the same Node, in one run: from the
start of the process to the first answer of ``/healthz``, and the memory that it holds
then. better-auth is most of what lies between them.

    python benchmarks/auth_server.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.auth_server import build, environment, render
from support.postgres import free_port, new_database, running_postgres
from support.template import make_template

BARE = """\
import express from "express";
const app = express();
app.get("/healthz", (_request, response) => { response.json({ status: "ok" }); });
app.listen(Number(process.env.PORT), "127.0.0.1");
"""
CONFIGURATIONS: dict[str, dict[str, object]] = {
    "e-mail and password": {},
    "every method, tokens": {
        "auth_methods": ["email_password", "google", "github", "magic_link"],
        "auth_session_validation": "jwt",
    },
}


def main() -> None:
    """Start each in turn, so that a drifting machine drifts for all; print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server_url:
        template = make_template(Path(folder) / "template")
        url = new_database(server_url)
        commands: dict[str, tuple[Path, str]] = {}
        for number, (name, answers) in enumerate(CONFIGURATIONS.items()):
            chosen = {**answers, "auth_migration_system": "none"}
            server = render(template, Path(folder) / str(number), chosen)
            build(server)
            commands[name] = (server, "dist/server.js")
            (server / "bare.mjs").write_text(BARE)
            commands.setdefault("Express with one route", (server, "bare.mjs"))
        figures: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for turn in range(rounds + 1):
            for name, (server, script) in commands.items():
                measured = _started(server, script, url)
                if turn:  # the first round warms the caches
                    figures[name].append(measured)
    floor = [_median(figures["Express with one route"], part) for part in (0, 1)]
    print(f"{'server':<26} {'ms':>6} {'ratio':>6} {'MB':>6} {'ratio':>6}")
    for name, values in figures.items():
        seconds, memory = (_median(values, part) for part in (0, 1))
        print(
            f"{name:<26} {seconds * 1000:>6.0f} {seconds / floor[0]:>6.2f} "
            f"{memory:>6.0f} {memory / floor[1]:>6.2f}"
        )


def _started(server: Path, script: str, url: str) -> tuple[float, float]:
    """Return the seconds to the first answer, and the megabytes held then."""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        ["node", script],  # noqa: S607 - node from PATH
        cwd=server,
        env=environment(url, port),
        stdout=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz").raise_for_status()
                break
            except httpx.TransportError:
                time.sleep(0.005)
        seconds = time.perf_counter() - started
        status = Path(f"/proc/{process.pid}/status").read_text()
        resident = re.search(r"VmRSS:\s+(\d+) kB", status)
        return seconds, int(resident[1]) / 1024 if resident else 0.0
    finally:
        process.terminate()
        process.wait()


def _median(values: list[tuple[float, float]], part: int) -> float:
    return statistics.median(value[part] for value in values)


if __name__ == "__main__":
    main()
