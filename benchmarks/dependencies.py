"""Measure what the shape of FastAPI's documentation would cost the auth package.

In one process, without a network, requests without a credential go through FastAPI: to
an open route, one with the package's ``OptionalUser``, one that has a security scheme
as a dependency before that, and one with a dependency for each step. The routes take
turns of a hundred requests, so that other work on the machine meets all of them.
Printed are the microseconds on a processor for one request: median and least.

    python benchmarks/dependencies.py [--turns 300]
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
import os
import statistics
import tempfile
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from support.sessions import SECRET, render_package
from support.template import make_template

if TYPE_CHECKING:
    from starlette.types import Message

ROUTES = ("/open", "/optional", "/optional-scheme", "/optional-steps")
REQUESTS = 100


def scope(path: str) -> dict[str, Any]:
    """Return a request as a server hands it over."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"host", b"api.test"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }


async def receive() -> Message:
    """Have no body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Message) -> None:
    """Refuse what is no success."""
    if message.get("status", 200) != 200:  # noqa: PLR2004 - OK
        raise RuntimeError(message)


async def measure(app: Any, turns: int) -> dict[str, list[float]]:  # noqa: ANN401 - rendered
    """Return each route's microseconds on a processor, a figure for each turn."""
    seen: dict[str, list[float]] = {path: [] for path in ROUTES}
    for turn in range(turns + 1):
        for path, figures in seen.items():
            started = time.process_time()
            for _ in range(REQUESTS):
                await app(scope(path), receive, send)
            spent = time.process_time() - started
            if turn:  # the first turn warms everything up
                figures.append(spent / REQUESTS * 1_000_000)
    return seen


def main() -> None:
    """Render, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=300)
    options = parser.parse_args()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        template = make_template(Path(folder, "template"))
        package = render_package(template, Path(folder, "cookie"), "database")
        os.environ.update(
            AUTH_PACKAGE=package,
            BETTER_AUTH_SECRET=SECRET,
            BETTER_AUTH_URL="http://localhost:3001",
            DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere",
        )
        app = import_module("support.measured").app
        seen = asyncio.run(measure(app, options.turns))
    first = statistics.median(seen[ROUTES[0]])
    for path, figures in seen.items():
        middle = statistics.median(figures)
        more = f"{(middle - first) / first:>+6.0%} of the open route"
        print(f"{path:<20} {middle:>6.0f} µs, {min(figures):>4.0f} at least {more}")
    print(
        f"load average {busy:.1f} at the start, {os.getloadavg()[0]:.1f} at the end, "
        f"on {os.cpu_count()} cores"
    )


if __name__ == "__main__":
    main()
