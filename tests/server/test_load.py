"""Many sign-ins at once: hashing waits in a queue, and everything else is answered."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from support.auth_server import AuthServer, running_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here


@pytest.fixture(scope="module")
def server(ready: Callable[..., tuple[Path, str]]) -> Iterator[AuthServer]:
    """A server that signs people in at once."""
    with running_server(*ready(auth_email_verification=False)) as running:
        yield running


def asks(server: AuthServer, path: str, number: int) -> httpx.Response:
    """Send a password from its own address."""
    browser = server.client(address=f"198.51.{number // 250}.{number % 250 + 1}")
    body = {"email": f"{number}@example.com", "password": PASSWORD, "name": "Ada"}
    return browser.post(f"/api/auth/{path}", json=body)


@pytest.mark.parametrize(
    ("path", "first"), [("sign-in/email", 0), ("sign-up/email", 100)]
)
def test_sign_ins_starve_nothing(server: AuthServer, path: str, first: int) -> None:
    """A user who is signed in hardly waits while fifty others sign in, or register."""
    browser = server.client()
    new = {"email": f"{first}@home.example", "password": PASSWORD, "name": "Ada"}
    assert browser.post("/api/auth/sign-up/email", json=new).status_code == 200
    waited: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            started = time.monotonic()
            answer = browser.get("/api/auth/get-session")
            waited.append(time.monotonic() - started)
            assert answer.json()["user"]["email"] == new["email"]
            time.sleep(0.02)

    with ThreadPoolExecutor(51) as together:
        looking = together.submit(look)
        started = time.monotonic()
        numbers = range(first, first + 50)
        try:
            answers = list(together.map(lambda n: asks(server, path, n), numbers))
        finally:
            over.set()
        lasted = time.monotonic() - started
        looking.result()
    expected = 401 if path == "sign-in/email" else 200
    assert [answer.status_code for answer in answers] == [expected] * 50
    # Against the burst itself, since a machine may have other work.
    assert statistics.median(waited) < lasted / 8, (lasted, waited)
    assert max(waited) < lasted / 2, (lasted, waited)


def test_a_full_queue_says_so(server: AuthServer) -> None:
    """When to try again is told at once; no one is left without an answer."""
    with ThreadPoolExecutor(90) as together:
        numbers = range(200, 290)
        answers = list(
            together.map(lambda n: asks(server, "sign-in/email", n), numbers)
        )
    refused = [answer for answer in answers if answer.status_code == 503]
    assert 0 < len(refused) <= 24
    assert {answer.status_code for answer in answers} == {401, 503}
    for answer in refused:
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["code"] == "SERVICE_UNAVAILABLE"
    # Places are free again, also those of clients that left.
    assert asks(server, "sign-in/email", 300).status_code == 401


def test_who_leaves_gives_up_the_place(server: AuthServer) -> None:
    """A client that does not wait for its answer holds up no other for good."""

    def leaves(number: int) -> None:
        headers = {"X-Forwarded-For": f"203.0.113.{number + 1}"}
        body = {"email": f"{number}@gone.example", "password": PASSWORD}
        with contextlib.suppress(httpx.TimeoutException):
            httpx.post(
                f"{server.url}/api/auth/sign-in/email",
                json=body,
                headers=headers,
                timeout=0.05,
            )

    with ThreadPoolExecutor(40) as together:
        list(together.map(leaves, range(40)))
    assert asks(server, "sign-in/email", 301).status_code == 401
