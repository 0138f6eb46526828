"""Requests as gateways, old browsers, apps and bare clients really send them."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from support.auth_server import ORIGIN, AuthServer, running_server
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
COOKIE = "better-auth.session_token"
_addresses = (f"198.51.100.{n}" for n in itertools.count(1))
_people = (f"visitor-{n}@example.com" for n in itertools.count(1))


@pytest.fixture(scope="module", params=["docker", "railway", "vercel"])
def started(
    request: pytest.FixtureRequest, ready: Callable[..., tuple[Path, str]]
) -> Iterator[tuple[AuthServer, str]]:
    """A server of each deployment, which signs people in at once; its database."""
    chosen = {"auth_deployment": request.param, "auth_email_verification": False}
    folder, url = ready(**chosen)
    with running_server(folder, url) as running:
        yield running, url


@pytest.fixture
def server(started: tuple[AuthServer, str]) -> AuthServer:
    """The server."""
    return started[0]


@pytest.fixture
def database_of(started: tuple[AuthServer, str]) -> str:
    """The server's database."""
    return started[1]


@pytest.fixture
def browser(server: AuthServer) -> httpx.Client:
    """A new browser."""
    return server.client(address=next(_addresses))


def sign_up(browser: httpx.Client) -> str:
    """Register; return the address."""
    email = next(_people)
    new = {"email": email, "password": PASSWORD, "name": "Ada"}
    answer = browser.post("/api/auth/sign-up/email", json=new)
    assert answer.status_code == 200, answer.text
    return email


def raw(server: AuthServer, request: bytes) -> tuple[int, str]:
    """Send bytes as they are; return the status and the body."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), 10) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: 0", ""),
        ("Content-Length: 0\r\nContent-Type: application/json", ""),
        ("Content-Length: 0\r\nContent-Type: text/plain;charset=UTF-8", ""),
        ("Transfer-Encoding: chunked", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Type: text/plain", "0\r\n\r\n"),
        ("", ""),
    ],
)
def test_a_body_of_nothing_is_none(
    server: AuthServer, browser: httpx.Client, headers: str, body: str
) -> None:
    """A bare `fetch` sends its length alone; the session ends all the same."""
    sign_up(browser)
    lines = [
        "POST /api/auth/sign-out HTTP/1.1",
        "Host: localhost",
        f"Origin: {ORIGIN}",
        f"Cookie: {COOKIE}={browser.cookies[COOKIE]}",
        *filter(None, headers.split("\r\n")),
    ]
    request = "\r\n".join(lines) + "\r\n\r\n" + body
    status, said = raw(server, request.encode())
    assert status == 200, said
    assert browser.get("/api/auth/get-session").json() is None


def test_a_body_of_something_is_limited_as_ever(browser: httpx.Client) -> None:
    """By its size and by its type, whatever its length says."""
    for type_, size, status in (
        ("", 10, 415),
        ("text/plain", 10, 415),
        ("application/json", 70_000, 413),
        ("text/plain", 70_000, 413),
    ):
        for content in (b"x" * size, iter([b"x" * size])):
            answer = browser.post(
                "/api/auth/sign-out", content=content, headers={"Content-Type": type_}
            )
            assert answer.status_code == status, (type_, size, answer.text)


@pytest.mark.parametrize(
    ("spelled", "understood"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("1.2.3.4:5555", "1.2.3.4"),
        (" 1.2.3.4:5555 ", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("[::FFFF:1.2.3.4]:80", "1.2.3.4"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),
        ("2001:db8:0:0:0:0:0:1:443", "2001:db8:0:0:0:0:0:1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25en0]:443", "fe80::1"),
        ("unknown", None),
        ("_hidden", None),
        ("", None),
        ("1.2.3.4.5", None),
        ("1.2.3", None),
        ("[2001:db8::1", None),
        ("1.2.3.4:5555:6", None),
        ("example.com:80", None),
    ],
)
def test_addresses_in_any_spelling(
    rendered: Callable[..., Path], spelled: str, understood: str | None
) -> None:
    """With a port, in brackets, with a zone; what is no address is none."""
    script = (
        'import { parseAddress } from "./dist/client-address.js";'
        f"console.log(JSON.stringify(parseAddress({json.dumps(spelled)}) ?? null));"
    )
    folder = rendered(auth_deployment="docker", auth_email_verification=False)
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script],  # noqa: S607 - node from PATH
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == understood


@pytest.mark.parametrize("spelled", ["{}:5555", "[2001:db8:{}::1]:443", "a, {}:80"])
def test_each_client_has_a_limit_of_its_own(server: AuthServer, spelled: str) -> None:
    """However the gateway spells its address, and however often its port changes."""

    def guesses(count: int) -> list[int]:
        address = next(_addresses)
        place = address.rpartition(".")[2] if ":db8" in spelled else address
        said = [spelled.format(place) + str(port) for port in range(count)]
        asked = {"email": next(_people), "password": "a wrong guess"}
        path = "/api/auth/sign-in/email"
        return [
            server.client(address=a).post(path, json=asked).status_code for a in said
        ]

    assert guesses(4) == [401, 401, 401, 429]
    assert guesses(1) == [401]


def test_what_is_no_address_is_the_proxy_s(
    server: AuthServer, database_of: str
) -> None:
    """The limits of one proxy's clients are shared then, not those of the world."""
    for nothing in ("unknown", "_hidden"):
        sign_up(server.client(address=nothing))
        asked = "select ip_address from auth_session order by created_at desc limit 1"
        assert execute(database_of, asked) == "127.0.0.1"


DEEP = "[" * 5_000 + "]" * 5_000
NEW = {"email": "deep@example.com", "password": PASSWORD, "name": "Ada"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("sign-up/email", DEEP),
        ("sign-up/email", json.dumps(NEW)[:-1] + f', "image": {DEEP}}}'),
        ("sign-in/email", '{"a":' * 5_000 + "1" + "}" * 5_000),
        ("sign-up/email", json.dumps({**NEW, "name": "A\0da"})),
        ("sign-up/email", json.dumps({**NEW, "a\0b": 1})),
        ("sign-in/email", "email=a%40example.com&password=%00"),
        ("reset-password", json.dumps({"token": "a\0", "newPassword": PASSWORD})),
        ("sign-in/magic-link", json.dumps({"email": "a@example.com", "name": "\0"})),
    ],
)
def test_a_body_that_nothing_can_hold(
    server: AuthServer, browser: httpx.Client, path: str, body: str
) -> None:
    """It is refused as bad, without an error of the server's in its log."""
    before = len(server.logged())
    type_ = "json" if body[0] in "{[" else "x-www-form-urlencoded"
    headers = {"Content-Type": f"application/{type_}"}
    answer = browser.post(f"/api/auth/{path}", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json() == {"message": "Bad Request", "code": "BAD_REQUEST"}
    assert '"level":50' not in server.logged()[before:]


def test_what_only_looks_like_that_is_taken(browser: httpx.Client) -> None:
    """A backslash before u0000 is text; a name may say %00 in JSON."""
    email = next(_people)
    text = json.dumps({**NEW, "email": email, "name": "\\u0000 %00"})
    headers = {"Content-Type": "application/json"}
    answer = browser.post("/api/auth/sign-up/email", content=text, headers=headers)
    assert answer.json()["user"]["name"] == "\\u0000 %00", answer.text


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.example/api/auth/ok",
        "https://localhost/healthz",
        "*",
        "/api/auth/reset-password/a%00b?callbackURL=/",
        "/api/auth/magic-link/verify?token=a%00&callbackURL=/",
        "/api/auth/callback/google?state=%00&code=x",
        "/api/auth/%",
        "/api/auth/reset-password/%C3%28?callbackURL=/",
        f"/api/auth/{'a' * 12_000}",
        f"/api/auth/reset-password/{'a' * 12_000}?callbackURL=/",
        f"/healthz/{'../' * 3_000}",
    ],
    ids=lambda target: target[:40],
)
def test_a_target_that_leads_nowhere(server: AuthServer, target: str) -> None:
    """400 and a line of JSON, not an error with a stack."""
    before = len(server.logged())
    head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n"
    request = f"{head}X-Forwarded-For: {next(_addresses)}\r\n\r\n"
    status, body = raw(server, request.encode())
    expected = (400, '{"message":"Bad Request","code":"BAD_REQUEST"}')
    if "C3%28" in target:  # no UTF-8, but some text, which is no token
        assert status in {302, 400}
    else:
        assert (status, body) == expected
    assert '"level":50' not in server.logged()[before:]


def test_a_cookie_that_holds_a_nul(browser: httpx.Client) -> None:
    """Refused in a cookie of ours; another's is not our business."""
    headers = {"Cookie": f"{COOKIE}={'t' * 32}%00.sig"}
    assert browser.get("/api/auth/get-session", headers=headers).status_code == 400
    headers = {"Cookie": "theirs=%00"}
    assert browser.get("/api/auth/get-session", headers=headers).json() is None


def test_another_origin_can_read_what_it_needs(browser: httpx.Client) -> None:
    """When to try again, and which request to complain about."""
    answer = browser.get("/api/auth/get-session")
    exposed = answer.headers["access-control-expose-headers"].lower().split(",")
    assert {"x-retry-after", "retry-after", "x-request-id"} <= set(exposed)


@pytest.mark.parametrize("path", ["/api/auth/error", "/healthz", "/api/auth/ok"])
def test_a_pop_up_keeps_its_opener(browser: httpx.Client, path: str) -> None:
    """On the way through redirects, which an opener policy would cut it off at."""
    answer = browser.get(path)
    policy = answer.headers.get("cross-origin-opener-policy", "unsafe-none")
    assert policy == "unsafe-none"
    assert browser.head("/healthz").status_code == 200
