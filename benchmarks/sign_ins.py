"""Time what else the auth server answers while fifty people sign in at once.

Hashing a password takes a processor for tens of milliseconds. ``get-session`` is asked
over and over by somebody who is signed in, before and during the burst.

    python benchmarks/sign_ins.py [--people 50] [--revision HEAD~20]

With ``--revision`` it measures the template as it was then, for a before and an after.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.auth_server import AuthServer, build, migrate, render, running_server
from support.postgres import new_database, running_postgres
from support.template import ROOT, commit_all, git, make_template

ANSWERS = {
    "auth_email_verification": False,
    "auth_migration_system": "none",
    "auth_database_provider": "local",
    "auth_deployment": "docker",
}
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here


def main() -> None:
    """Start a server, send the burst, print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--revision", help="a commit instead of the work tree")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_postgres() as cluster:
        folder = Path(name)
        template = folder / "template"
        if options.revision:
            _checked_out(options.revision, template)
        else:
            make_template(template)
        server = render(template, folder / "project", ANSWERS)
        build(server)
        url = new_database(cluster)
        migrate(server, url)
        with running_server(server, url) as running:
            print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
            _burst(running, options.people)


def _checked_out(revision: str, template: Path) -> None:
    template.mkdir()
    archive = template.with_suffix(".tar")
    git(ROOT, "archive", "--output", str(archive), revision)
    subprocess.run(["tar", "-xf", archive, "-C", template], check=True)  # noqa: S607 - tar from PATH
    commit_all(template)
    git(template, "tag", "v1.0.0")


def _burst(server: AuthServer, people: int) -> None:
    browser = server.client()
    new = {"email": "home@example.com", "password": PASSWORD, "name": "Ada"}
    browser.post("/api/auth/sign-up/email", json=new).raise_for_status()
    quiet = [_look(browser) for _ in range(50)]
    during: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            during.append(_look(browser))
            time.sleep(0.02)

    def sign_in(number: int) -> tuple[int | str, float]:
        visitor = server.client(address=f"198.51.{number // 250}.{number % 250}")
        started = time.perf_counter()
        body = {"email": f"{number}@example.com", "password": PASSWORD}
        try:
            said = visitor.post("/api/auth/sign-in/email", json=body).status_code
        except httpx.TimeoutException:
            said = "none"
        return said, time.perf_counter() - started

    with ThreadPoolExecutor(people + 1) as together:
        looking = together.submit(look)
        try:
            answers = list(together.map(sign_in, range(people)))
        finally:
            over.set()
        looking.result()
    _print("get-session, quiet", quiet)
    _print("get-session, in the burst", during)
    _print("the sign-ins", [seconds for _, seconds in answers])
    print("answers to them:", dict(Counter(status for status, _ in answers)))


def _look(browser: httpx.Client) -> float:
    started = time.perf_counter()
    with contextlib.suppress(httpx.TimeoutException):
        browser.get("/api/auth/get-session")
    return time.perf_counter() - started


def _print(what: str, seconds: list[float]) -> None:
    middle, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
    print(f"{what:<26} median {middle:>7.0f} ms, worst {worst:>7.0f} ms")


if __name__ == "__main__":
    main()
