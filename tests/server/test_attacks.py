"""What an attacker tries: each attempt fails, and quietly."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jwt
import pytest
from support.auth_server import ORIGIN, AuthServer, follow, running_server
from support.postgres import execute
from support.sign_in_methods import SOCIAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx
    from support.mail_services import Mailbox

HOME = "http://localhost:3000/home"
EVIL = "https://evil.example"
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
_networks = (f"2001:db8:{n:x}" for n in itertools.count(1))
_people = (f"person-{n}@example.com" for n in itertools.count(1))


@pytest.fixture
def browser(server: AuthServer) -> httpx.Client:
    """A new browser, with its own network address."""
    return server.client(address=f"{next(_networks)}::1")


def member(server: AuthServer, mailbox: Mailbox) -> str:
    """A user with a password and a confirmed address."""
    email = next(_people)
    browser = server.client(address=f"{next(_networks)}::1")
    sign_up(browser, email)
    follow(browser, mailbox.to(email)[0].link)
    return email


def sign_up(browser: httpx.Client, email: str, **more: object) -> httpx.Response:
    """Register with a password."""
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    return browser.post("/api/auth/sign-up/email", json={**new, **more})


def guesses(browsers: list[httpx.Client], **headers: str) -> list[int]:
    """Guess a password, with each of these browsers in turn; return the statuses."""
    guess = {"email": "ada@example.com", "password": "a wrong guess"}
    path = "/api/auth/sign-in/email"
    return [b.post(path, json=guess, headers=headers).status_code for b in browsers]


def test_guesses_from_one_network_are_counted_together(server: AuthServer) -> None:
    """A user who has one IPv6 address has as many as they like."""
    network = next(_networks)
    one_each = [server.client(address=f"{network}::{n}") for n in range(1, 6)]
    assert guesses(one_each) == [401, 401, 401, 429, 429]


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Proto"])
def test_guesses_at_made_up_addresses_are_counted_together(
    server: AuthServer, browser: httpx.Client, header: str
) -> None:
    """better-auth would make the request's path of these headers too."""
    host = urlsplit(server.url).netloc
    forms = {"Host": f"{host}/%d", "X-Forwarded-Proto": "http://x/%d"}
    said = [guesses([browser], **{header: forms[header] % n}) for n in range(5)]
    assert said == [[401], [401], [401], [429], [429]]


@pytest.mark.parametrize("host", ["a b", "[", "x@evil.example", "evil.example"])
def test_a_host_is_not_believed(
    browser: httpx.Client, mailbox: Mailbox, host: str
) -> None:
    """No error, and no link of a mail that leads to it."""
    email = next(_people)
    headers = {"Host": host, "X-Forwarded-Host": "evil.example"}
    new = {"email": email, "password": PASSWORD, "name": "Ada"}
    answer = browser.post("/api/auth/sign-up/email", json=new, headers=headers)
    assert answer.status_code == 200
    assert urlsplit(mailbox.to(email)[0].link).hostname == "localhost"


def test_a_form_elsewhere_signs_nobody_in(
    server: AuthServer, browser: httpx.Client, mailbox: Mailbox
) -> None:
    """Else their page would put a visitor into an account of theirs."""
    form = {"email": member(server, mailbox), "password": PASSWORD}
    sent = [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ]
    for headers in sent:
        answer = browser.post("/api/auth/sign-in/email", data=form, headers=headers)
        assert answer.status_code == 403, headers
    assert not browser.cookies
    for path in ("sign-in/magic-link", "sign-in/social", "request-password-reset"):
        answer = browser.post(f"/api/auth/{path}", data=form)
        assert answer.status_code == 415, path


def test_a_page_elsewhere_may_not_read(browser: httpx.Client) -> None:
    """Neither an answer nor a permission names its origin."""
    for method in ("GET", "OPTIONS"):
        asked = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
        answer = browser.request(method, "/api/auth/get-session", headers=asked)
        assert "access-control-allow-origin" not in answer.headers
        assert "origin" in answer.headers["vary"].lower()


def test_nobody_confirms_an_address_but_its_owner(
    browser: httpx.Client, database: str
) -> None:
    """What a sign-up says besides is not taken over."""
    email = next(_people)
    given = {"emailVerified": True, "id": "00000000-0000-0000-0000-000000000001"}
    sign_up(browser, email, **given, email_verified=True, createdAt="1999-01-01")
    rows = execute(
        database, "select email, email_verified, id, created_at from auth_user"
    )
    (row,) = (line.split("|") for line in rows.splitlines() if email in line)
    assert row[1] == "f"
    assert not row[2].startswith("0000")
    assert not row[3].startswith("1999")


def test_nobody_confirms_an_address_later_either(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Who may sign in without confirming is not taken for a user who did."""
    folder, url = ready(auth_email_verification=False)
    with running_server(folder, url) as server:
        browser = server.client()
        sign_up(browser, "mallory@example.com")
        for change in ({"emailVerified": True}, {"email": "ada@example.com"}):
            browser.post("/api/auth/update-user", json={**change, "name": "M"})
        asked = {"newEmail": "ada@example.com"}
        assert not browser.post("/api/auth/change-email", json=asked).is_success
        user = browser.get("/api/auth/get-session").json()["user"]
        assert (user["email"], user["emailVerified"]) == ("mallory@example.com", False)


def test_nobody_ends_another_s_session(
    server: AuthServer, mailbox: Mailbox, browser: httpx.Client
) -> None:
    """Knowing its token is not enough, and nothing tells whether it exists."""
    victim, email = server.client(address=f"{next(_networks)}::1"), next(_people)
    sign_up(victim, email)
    follow(victim, mailbox.to(email)[0].link)
    token = victim.get("/api/auth/get-session").json()["session"]["token"]
    known = {"email": member(server, mailbox), "password": PASSWORD}
    browser.post("/api/auth/sign-in/email", json=known)
    said = {
        browser.post("/api/auth/revoke-session", json={"token": it}).text
        for it in (token, "x" * 32)
    }
    assert len(said) == 1
    assert victim.get("/api/auth/get-session").json() is not None
    # The token alone, as anyone who reads the database has it, opens nothing.
    thief = server.client(address=f"{next(_networks)}::1")
    for cookie in (token, f"{token}.", f"{token}.{'A' * 43}="):
        sent = {"Cookie": f"better-auth.session_token={cookie}"}
        assert thief.get("/api/auth/get-session", headers=sent).json() is None


def test_a_made_up_id_token_signs_nobody_in(browser: httpx.Client) -> None:
    """A provider's users are its own to name."""
    made_up = jwt.encode(
        {"sub": "1", "email": "ada@example.com", "email_verified": True}, "x" * 32
    )
    for token in (made_up, made_up.rpartition(".")[0] + ".", "x"):
        for provider in SOCIAL:
            asked = {"provider": provider, "idToken": {"token": token}}
            answer = browser.post("/api/auth/sign-in/social", json=asked)
            assert answer.status_code in {401, 404, 429}, answer.text
    assert not browser.cookies


def test_a_confirmation_signs_in_once(
    server: AuthServer, browser: httpx.Client, mailbox: Mailbox
) -> None:
    """The link stays in the history of browsers and in logs of proxies."""
    email = next(_people)
    sign_up(browser, email)
    link = mailbox.to(email)[0].link
    follow(browser, link)
    assert browser.get("/api/auth/get-session").json() is not None
    thief = server.client(address=f"{next(_networks)}::1")
    follow(thief, link)
    assert thief.get("/api/auth/get-session").json() is None


def test_a_mail_holds_nothing_that_a_stranger_wrote(
    browser: httpx.Client, mailbox: Mailbox
) -> None:
    """Neither lines of the header nor markup: the address is the victim's."""
    email = next(_people)
    name = "<img src=x>\r\nBcc: everybody@example.com"
    callback = f'{HOME}?a="><img src=y>'
    sign_up(browser, email, name=name, callbackURL=callback)
    asked = {"email": email, "name": name, "callbackURL": callback}
    browser.post("/api/auth/sign-in/magic-link", json=asked)
    for mail in mailbox.to(email, 2):
        assert "<img" not in mail.html
        assert "everybody" not in mail.html + mail.text + mail.subject
    for address in (f"{email}\r\nBcc: a@example.com", f"{email},a@example.com"):
        asked = {"email": address, "callbackURL": HOME}
        for path in ("sign-in/magic-link", "request-password-reset"):
            answer = browser.post(f"/api/auth/{path}", json=asked)
            assert answer.status_code == 400, answer.text


def test_nobody_hears_who_has_an_account(server: AuthServer, mailbox: Mailbox) -> None:
    """A stranger's address and a member's are answered alike."""
    known, unknown = member(server, mailbox), next(_people)
    for path in (
        "sign-up/email",
        "sign-in/email",
        "sign-in/magic-link",
        "request-password-reset",
        "send-verification-email",
    ):
        said = set[str]()
        for email in (known, unknown if path != "sign-up/email" else next(_people)):
            browser = server.client(address=f"{next(_networks)}::1")
            body = {"email": email, "password": "wrong but long", "name": "Ada"}
            answer = browser.post(f"/api/auth/{path}", json=body)
            said.add(f"{answer.status_code} {sorted(_shape(answer.json()))}")
        assert len(said) == 1, said


def _shape(body: dict[str, object], prefix: str = "") -> list[str]:
    """Return every key of an answer, and every value that is not made for it."""
    found = []
    for key, value in body.items():
        if isinstance(value, dict):
            found += _shape(value, f"{prefix}{key}.")
        elif key in {"id", "email", "createdAt", "updatedAt"}:
            found.append(f"{prefix}{key} {type(value).__name__} {len(str(value)) > 0}")
        else:
            found.append(f"{prefix}{key}={value}")
    return found


@pytest.mark.parametrize("path", ["sign-in/email", "sign-in/magic-link"])
@pytest.mark.parametrize(
    "type_",
    [
        "application/json; =",
        "application/x-www-form-urlencoded; =",
        "application/json, text/plain",
        "application/vnd.api+json",
        "multipart/form-data; boundary=x",
        "text/plain",
    ],
)
def test_no_type_makes_a_body_longer(
    browser: httpx.Client, path: str, type_: str
) -> None:
    """better-auth itself would read any number of bytes, or leave them in the way."""
    headers = {"Content-Type": type_}
    for size, statuses in ((1_000_000, {413}), (1_000, {400, 415})):
        body = b'{"email": "' + b"x" * size + b'"}'
        answer = browser.post(f"/api/auth/{path}", content=body, headers=headers)
        assert answer.status_code in statuses, size
    # On the same connection.
    assert browser.get("/api/auth/ok").json() == {"ok": True}


def test_answers_are_kept_by_no_cache(
    server: AuthServer, mailbox: Mailbox, browser: httpx.Client
) -> None:
    """Who a user is, their sessions' tokens: a proxy would give them to the next."""
    email = member(server, mailbox)
    known = {"email": email, "password": PASSWORD}
    signed_in = browser.post("/api/auth/sign-in/email", json=known)
    assert signed_in.headers["cache-control"] == "no-store"
    for path in ("get-session", "list-sessions", "list-accounts"):
        answer = browser.get(f"/api/auth/{path}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store", path


def test_an_error_shows_nothing_of_the_server(browser: httpx.Client) -> None:
    """No path, no stack, no statement, whatever is sent."""
    name = {"email": next(_people), "password": PASSWORD, "name": "a\0b"}
    deep = "[" * 20_000 + "]" * 20_000
    headers = {"Content-Type": "application/json", "Origin": ORIGIN}
    for body in (json.dumps(name), deep, "{", "null", "[]", '{"email": {}}'):
        answer = browser.post("/api/auth/sign-up/email", content=body, headers=headers)
        assert answer.status_code >= 400
        assert len(answer.text) < 300
        for word in ("node_modules", "    at ", "0x00", "insert", "stack"):
            assert word not in answer.text
    page = browser.get("/api/auth/error?error=<script>alert(1)</script>")
    assert "<script>" not in page.text + page.headers.get("location", "")
