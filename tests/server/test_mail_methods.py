"""E-mail and password, and magic links: every flow that leads through a mailbox."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import pytest
from support.auth_server import AuthServer, follow, running_server
from support.mail_services import Mailbox, resend_api, smtp_server
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx

HOME = "http://localhost:3000/home"
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
_addresses = (f"198.51.100.{n}" for n in itertools.count(1))


@pytest.fixture
def browser(server: AuthServer) -> httpx.Client:
    """A new browser."""
    return server.client(address=next(_addresses))


def sign_up(browser: httpx.Client, email: str) -> httpx.Response:
    """Register with a password."""
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    return browser.post("/api/auth/sign-up/email", json=new)


def signed_in(browser: httpx.Client) -> bool:
    """Return True if there is a session."""
    return browser.get("/api/auth/get-session").json() is not None


def test_sign_up_is_confirmed_by_one_mail(
    browser: httpx.Client, mailbox: Mailbox
) -> None:
    """No session before the address is confirmed, one right afterwards."""
    email = "new@example.com"
    assert sign_up(browser, email).status_code == 200
    assert not signed_in(browser)
    asked = {"email": email, "password": PASSWORD}
    early = browser.post("/api/auth/sign-in/email", json=asked)
    assert early.status_code == 403
    assert follow(browser, mailbox.to(email)[0].link) == HOME
    assert signed_in(browser)
    # One at sign-up, one because of the early attempt.
    assert len(mailbox.to(email, 2)) == 2


def test_a_mail_reads_well_in_both_forms(
    browser: httpx.Client, mailbox: Mailbox
) -> None:
    """Text and HTML carry the same link, and the sender is the configured one."""
    sign_up(browser, "form@example.com")
    mail = mailbox.to("form@example.com")[0]
    assert mail.sender == "Example <no-reply@example.com>"
    assert mail.subject == "Confirm your e-mail address"
    assert mail.html.count(mail.link.replace("&", "&#38;")) == 3
    assert "ignore this mail" in mail.text
    assert "ignore this mail" in mail.html


def test_a_forgotten_password(
    server: AuthServer, browser: httpx.Client, database: str, mailbox: Mailbox
) -> None:
    """The link works once, and the user who was signed in is not any more."""
    email = "forgot@example.com"
    sign_up(browser, email)
    follow(browser, mailbox.to(email)[0].link)
    assert signed_in(browser)
    other = server.client(address=next(_addresses))
    asked = {"email": email, "redirectTo": HOME}
    assert other.post("/api/auth/request-password-reset", json=asked).is_success
    led = follow(other, mailbox.to(email, 2)[1].link)
    assert led.startswith(f"{HOME}?token=")
    token = led.partition("token=")[2]
    assert token not in execute(database, "select * from auth_verification")
    new = {"token": token, "newPassword": "another long password"}
    assert other.post("/api/auth/reset-password", json=new).status_code == 200
    assert other.post("/api/auth/reset-password", json=new).status_code == 400
    assert not signed_in(browser)
    back = {"email": email, "password": "another long password"}
    assert other.post("/api/auth/sign-in/email", json=back).status_code == 200


def test_a_changed_password(browser: httpx.Client, mailbox: Mailbox) -> None:
    """It takes the old one; the old one opens nothing afterwards."""
    email = "change@example.com"
    sign_up(browser, email)
    follow(browser, mailbox.to(email)[0].link)
    change = {"currentPassword": "wrong", "newPassword": "another long password"}
    path = "/api/auth/change-password"
    assert browser.post(path, json=change).status_code == 400
    change["currentPassword"] = PASSWORD
    assert browser.post(path, json=change).status_code == 200
    old = {"email": email, "password": PASSWORD}
    assert browser.post("/api/auth/sign-in/email", json=old).status_code == 401


def test_a_magic_link(
    server: AuthServer, browser: httpx.Client, database: str, mailbox: Mailbox
) -> None:
    """It makes a new user, works once, and finds the same user again."""
    email = "magic@example.com"
    asked = {"email": email, "callbackURL": HOME}
    assert browser.post("/api/auth/sign-in/magic-link", json=asked).is_success
    link = mailbox.to(email)[0].link
    token = link.partition("token=")[2].partition("&")[0]
    assert token not in execute(database, "select * from auth_verification")
    assert follow(browser, link) == HOME
    assert signed_in(browser)
    thief = server.client(address=next(_addresses))
    assert "error=INVALID_TOKEN" in follow(thief, link)
    assert not signed_in(thief)
    again = server.client(address=next(_addresses))
    again.post("/api/auth/sign-in/magic-link", json=asked)
    assert follow(again, mailbox.to(email, 2)[1].link) == HOME
    assert execute(database, "select email from auth_user").split().count(email) == 1


def test_a_link_to_us_leads_to_no_other_host(server: AuthServer) -> None:
    """Else anybody could mail an address of ours that opens a page of theirs."""
    links = [
        "verify-email?token=x&callbackURL=",
        "reset-password/xxxxxxxxxxxxxxxxxxxxxxxx?callbackURL=",
        "magic-link/verify?token=x&callbackURL=",
        "magic-link/verify?token=x&callbackURL=/&errorCallbackURL=",
    ]
    hosts = ("https://evil.example", "//evil.example", "/\\evil.example")
    paths = ("/..//evil.example", "/.//evil.example", "/a/%2e%2e//evil.example")
    for link in links:
        for place in (*hosts, *paths):
            browser = server.client(address=next(_addresses))
            answer = browser.get(f"/api/auth/{link}{quote(place, safe='')}")
            assert answer.status_code == (403 if place in hosts else 302), place
            led = urljoin(server.url, answer.headers.get("location", "/"))
            assert urlsplit(led).hostname in {"127.0.0.1", "localhost"}, (link, led)


def test_no_token_is_logged(
    server: AuthServer, browser: httpx.Client, mailbox: Mailbox
) -> None:
    """The log holds no link, password or cookie, though each request has a line."""
    email = "logged@example.com"
    sign_up(browser, email)
    mail = mailbox.to(email)[0]
    follow(browser, mail.link)
    asked = {"email": email, "redirectTo": HOME}
    browser.post("/api/auth/request-password-reset", json=asked)
    reset = mailbox.to(email, 2)[1].link
    follow(browser, reset)
    log = server.logged(until="/api/auth/reset-password/...")
    assert "/api/auth/verify-email" in log
    secrets = [
        mail.link.partition("token=")[2].partition("&")[0],
        reset.partition("/reset-password/")[2].partition("?")[0],
        PASSWORD,
        browser.cookies["better-auth.session_token"].partition(".")[0],
    ]
    for secret in secrets:
        assert len(secret) > 10
        assert secret not in log


def _answers(
    server: AuthServer, path: str, emails: list[str]
) -> tuple[set[str], float]:
    """Ask for mail to each address; return the answers and the shortest duration.

    That one is the server's own: what else a machine does only makes others longer.
    """
    seen, took = set[str](), list[float]()
    for email in emails:
        browser = server.client(address=next(_addresses))
        browser.get("/healthz")  # the connection is open
        started = time.perf_counter()
        body = {"email": email, "redirectTo": HOME, "callbackURL": HOME}
        answer = browser.post(f"/api/auth/{path}", json=body)
        took.append(time.perf_counter() - started)
        seen.add(f"{answer.status_code} {answer.text}")
    return seen, min(took)


def test_a_slow_service_tells_nobody_who_is_known(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """With slow mail, known and unknown addresses get one answer, equally soon."""
    folder, url = ready(auth_email_provider="resend")
    known, unknown = ([f"{kind}{n}@example.com" for n in range(3)] for kind in "ku")
    with (
        resend_api() as (api, mailbox),
        running_server(folder, url, RESEND_BASE_URL=api) as server,
    ):
        for email in known:
            browser = server.client(address=next(_addresses))
            assert sign_up(browser, email).status_code == 200
        mailbox.delay = 1.5
        for path in (
            "request-password-reset",
            "send-verification-email",
            "sign-in/magic-link",
        ):
            one, took = _answers(server, path, known)
            other, took_too = _answers(server, path, unknown)
            assert one == other
            assert len(one) == 1
            assert max(took, took_too) < 1.0
            assert abs(took - took_too) < 0.1
        assert len(mailbox.to(known[0], 4, within=15)) == 4


def test_a_service_that_refuses_breaks_nothing_and_is_logged(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Both services: the answer is as ever, the reason is in the log."""
    for provider, service, variable, reason in (
        ("smtp", smtp_server, "SMTP_URL", "refuses everything today"),
        ("resend", resend_api, "RESEND_BASE_URL", "refused today"),
    ):
        folder, url = ready(auth_email_provider=provider)
        with service() as (address, mailbox):
            mailbox.refuses = True
            with running_server(folder, url, **{variable: address}) as server:
                browser = server.client(address=next(_addresses))
                assert sign_up(browser, "ada@example.com").status_code == 200
                asked = {"email": "ada@example.com", "callbackURL": HOME}
                path = "/api/auth/sign-in/magic-link"
                assert browser.post(path, json=asked).status_code == 200
                server.logged(until="mail was not sent: Your sign-in link")
                assert reason in server.logged()
                mailbox.refuses = False
                browser.post(path, json=asked)
                assert mailbox.to("ada@example.com")[0].link
        assert server.process.returncode == 0, server.logged()


def test_mail_under_way_is_sent_before_the_server_ends(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """A release in the same second loses no one's link."""
    folder, url = ready(auth_email_provider="resend")
    with resend_api() as (api, mailbox):
        mailbox.delay = 1.0
        with running_server(folder, url, RESEND_BASE_URL=api) as server:
            sign_up(server.client(), "late@example.com")
            assert mailbox.received == []
            server.process.terminate()
            assert server.process.wait(timeout=10) == 0
        assert len(mailbox.to("late@example.com")) == 1


def test_development_prints_what_it_cannot_send(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Without credentials the link is in the terminal, clearly marked."""
    folder, url = ready()
    nothing = {"EMAIL_FROM": "", "SMTP_URL": "", "NODE_ENV": "development"}
    with running_server(folder, url, **nothing) as server:
        sign_up(server.client(), "dev@example.com")
        log = server.logged()
    assert "=== mail to dev@example.com (printed: no mail service is configured)" in log
    assert "/api/auth/verify-email?token=" in log
