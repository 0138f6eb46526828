"""The auth server's own pages: where a browser ends that nothing else was said to."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

import pytest
from support.auth_server import ORIGIN, AuthServer, follow
from support.identity_providers import Person

if TYPE_CHECKING:
    import httpx
    from support.identity_providers import IdentityProviders
    from support.mail_services import Mailbox

HOME = f"{ORIGIN}/home"
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
NEW_PASSWORD = "a better horse battery"  # noqa: S105 - as above
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
_addresses = (f"198.18.1.{n}" for n in itertools.count(1))
_people = (f"page-{n}@example.com" for n in itertools.count(1))

both = pytest.mark.parametrize("provider", ["google", "github"])


@pytest.fixture
def browser(server: AuthServer) -> httpx.Client:
    """A browser that no one has used before, which asks for pages as browsers do."""
    client = server.client(address=next(_addresses))
    client.headers.update(BROWSER)
    return client


def opened(browser: httpx.Client, link: str) -> httpx.Response:
    """Open a link as a browser does, through every redirect on this server."""
    url = urljoin(str(browser.base_url), link)
    for _ in range(5):
        url = re.sub(r"//localhost:(?!3000)", "//127.0.0.1:", url)
        answer = browser.get(url)
        if not answer.is_redirect:
            return answer
        url = urljoin(url, answer.headers["location"])
    message = f"no end of redirects from {link}"
    raise AssertionError(message)


def said(answer: httpx.Response) -> str:
    """Return the words of a page, which runs nothing and is in no other page."""
    assert answer.headers["content-type"].startswith("text/html")
    policy = dict(
        rule.partition(" ")[::2]
        for rule in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "script-src" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    text = answer.text
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy["style-src"] == f"'sha256-{digest}'"
    for outside in ("<script", "<link", "<img", "url(", "@import", " style="):
        assert outside not in text
    assert set(re.findall(r' (?:href|src|action)="([^"]*)"', text)) <= {
        ORIGIN,
        "/api/auth/new-password",
    }
    return html.unescape(re.sub(r"<[^>]+>", " ", text.partition("</style>")[2]))


def member(browser: httpx.Client, mailbox: Mailbox) -> str:
    """Sign a user up and confirm their address; return it."""
    email = next(_people)
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    assert browser.post("/api/auth/sign-up/email", json=new).status_code == 200
    assert follow(browser, mailbox.to(email)[0].link) == HOME
    return email


def begin(browser: httpx.Client, provider: str) -> str:
    """Ask for a provider's consent page, saying only where success leads."""
    asked = {"provider": provider, "callbackURL": HOME}
    answer = browser.post("/api/auth/sign-in/social", json=asked)
    return str(answer.json()["url"])


@both
def test_a_cancelled_consent(
    browser: httpx.Client, providers: IdentityProviders, provider: str
) -> None:
    """A user who says no at the provider reads that nothing has happened."""
    page = opened(browser, providers.cancel(begin(browser, provider)))
    assert page.status_code == 200
    assert "You said no at the provider" in said(page)


@both
def test_a_state_that_is_unknown_or_another_browser_s(
    server: AuthServer,
    browser: httpx.Client,
    providers: IdentityProviders,
    provider: str,
) -> None:
    """Made up, missing, used before, or begun elsewhere: begin again."""
    callback = f"/api/auth/callback/{provider}"
    consent = providers.consent(begin(browser, provider), Person(email=next(_people)))
    other = server.client(address=next(_addresses))
    other.headers.update(BROWSER)
    for visitor, link in (
        (browser, f"{callback}?state=made-up&code=x"),
        (browser, callback),
        (other, consent),
    ):
        page = opened(visitor, link)
        assert page.status_code == 200, link
        assert "egin again" in said(page), link


def test_an_unconfirmed_address(
    browser: httpx.Client, providers: IdentityProviders
) -> None:
    """What to do is said, where the application has no page for it."""
    person = Person(email=next(_people), verified=False)
    page = opened(browser, providers.consent(begin(browser, "github"), person))
    assert "has not confirmed" in said(page)


def test_a_mailed_link_without_a_way_back(
    browser: httpx.Client, mailbox: Mailbox
) -> None:
    """What the README has people type: the link confirms, and ends on a page."""
    email = next(_people)
    new = {"email": email, "password": PASSWORD, "name": "Ada"}
    browser.post("/api/auth/sign-up/email", json=new)
    browser.post("/api/auth/sign-in/magic-link", json={"email": email})
    confirmation, magic = mailbox.to(email, 2)
    for mail, done in (
        (confirmation, "Your e-mail address is confirmed"),
        (magic, "You are signed in"),
    ):
        page = opened(browser, mail.link)
        assert page.status_code == 200
        assert urlsplit(str(page.url)).path == "/"
        assert "localhost:3000" in said(page)
        assert done in said(page)
    assert browser.get("/api/auth/get-session").json()["user"]["email"] == email
    # The second time it is void.
    assert "does not count any more" in said(opened(browser, magic.link))


def test_changes_of_an_account_without_a_way_back(
    browser: httpx.Client, mailbox: Mailbox
) -> None:
    """Each mailed link says what it has done, and the first of two what comes next."""
    email, new = member(browser, mailbox), next(_people)
    browser.post("/api/auth/change-email", json={"newEmail": new})
    page = opened(browser, mailbox.to(email, 2)[1].link)
    assert "Now open the other mail" in said(page)
    page = opened(browser, mailbox.to(new)[0].link)
    assert "Your e-mail address is changed" in said(page)
    assert browser.get("/api/auth/get-session").json() is None
    known = {"email": new, "password": PASSWORD}
    assert browser.post("/api/auth/sign-in/email", json=known).status_code == 200
    browser.post("/api/auth/delete-user", json={})
    link = mailbox.to(new, 2)[1].link
    assert "Your account is deleted" in said(opened(browser, link))
    assert browser.post("/api/auth/sign-in/email", json=known).status_code == 401
    # What was not done is not said to be.
    assert "deleted" not in said(opened(browser, link))


def test_a_page_of_one_s_own_asks_for_the_words(browser: httpx.Client) -> None:
    """A front end that a user was sent back to with a code; another site gets none."""
    asked = {"Accept": "application/json"}

    def words(query: str, origin: str = ORIGIN) -> httpx.Response:
        headers = {**asked, "Origin": origin}
        return browser.get(f"/api/auth/error?{query}", headers=headers)

    answer = words("error=access_denied")
    assert "You said no at the provider" in answer.json()["message"]
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["cache-control"] == "no-store"
    assert "Accept" in answer.headers["vary"]
    elsewhere = words("error=access_denied", "https://evil.example")
    assert "access-control-allow-origin" not in elsewhere.headers
    unknown = words("error=unknown").json()
    for evil in EVIL:
        assert words(urlencode({"error": evil})).json() == unknown


@pytest.mark.parametrize(
    "link",
    [
        "verify-email?token=x",
        "verify-email?token=x&callbackURL=%2F",
        "verify-email",
        "magic-link/verify?token=x",
        "magic-link/verify?token=x&callbackURL=https%3A%2F%2Fevil.example",
        "reset-password/xxxxxxxxxxxxxxxxxxxxxxxx",
        "reset-password/xxxxxxxxxxxxxxxxxxxxxxxx?callbackURL=",
        "delete-user/callback?token=x",
        "delete-user/callback?token=x&callbackURL=%2F",
    ],
)
def test_a_mailed_link_that_is_void(browser: httpx.Client, link: str) -> None:
    """A person reads a sentence; a program gets what better-auth answers."""
    page = opened(browser, f"/api/auth/{link}")
    assert page.status_code == 200
    assert "evil" not in page.text
    assert len(said(page)) > 40
    program = {"Accept": "application/json"}
    answer = browser.get(f"/api/auth/{link}", headers=program)
    assert answer.is_redirect or answer.json()["message"]


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "https://evil.example",
    "constructor",
    "__proto__",
    "access_denied&gt;",
    "x" * 1000,
]


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_of_an_address_is_shown(browser: httpx.Client, evil: str) -> None:
    """A link to us is not a way to put words, or more, into our mouth."""
    names = ("error", "error_description", "token", "callbackURL", "redirectTo", "done")
    plain = said(opened(browser, "/api/auth/error?error=unknown"))
    for path in ("/", "/api/auth/error", "/api/auth/new-password"):
        page = opened(browser, f"{path}?{urlencode(dict.fromkeys(names, evil))}")
        words = said(page)
        assert evil not in page.text.replace("text/html", "")
        assert html.escape(evil) not in page.text
        if path != "/api/auth/new-password":
            assert words == plain
    # Twice the same name is a list, which is nothing known either.
    assert said(opened(browser, "/api/auth/error?error=a&error=b")) == plain
    assert said(opened(browser, "/?error[a]=access_denied")) != ""


def test_a_form_holds_only_what_may_be_a_token(browser: httpx.Client) -> None:
    """Anything else is no form at all."""
    for evil in ("a b", '"><input', "a&quot;", "x" * 200, "%00", ""):
        page = opened(browser, f"/api/auth/new-password?token={quote(evil)}")
        assert "<form" not in page.text
        assert "does not count any more" in said(page)
        sent = {"token": evil, "password": NEW_PASSWORD}
        answer = browser.post("/api/auth/new-password", data=sent)
        assert answer.status_code == 400
        assert "does not count any more" in said(answer)


def reset_link(browser: httpx.Client, mailbox: Mailbox, email: str) -> str:
    """Ask for a new password as the documents say one may: without a page for it."""
    seen = len([mail for mail in mailbox.received if mail.to == email])
    asked = {"email": email}
    assert browser.post("/api/auth/request-password-reset", json=asked).is_success
    return mailbox.to(email, seen + 1)[seen].link


def test_a_new_password_without_a_page_of_one_s_own(
    server: AuthServer, browser: httpx.Client, mailbox: Mailbox
) -> None:
    """The mailed link leads to a form; the form does it, without a script."""
    email = member(browser, mailbox)
    page = opened(browser, reset_link(browser, mailbox, email))
    assert "Choose a new password" in said(page)
    (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
    assert parse_qs(urlsplit(str(page.url)).query)["token"] == [token]
    # As browsers send it from a page without a referrer.
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin", **BROWSER}
    fresh = server.client(address=next(_addresses))

    def send(password: str) -> httpx.Response:
        sent = {"token": token, "password": password}
        return fresh.post("/api/auth/new-password", data=sent, headers=headers)

    short = send("short")
    assert short.status_code == 400
    assert "too short" in said(short)
    assert token in short.text
    assert "short" not in re.findall(r'value="([^"]*)"', short.text)
    done = send(NEW_PASSWORD)
    assert done.status_code == 200
    assert "Your password is changed" in said(done)
    assert token not in done.text
    again = send("yet another password")
    assert again.status_code == 400
    assert "does not count any more" in said(again)
    assert not fresh.cookies
    # Signed out everywhere, and in again with the new one.
    assert browser.get("/api/auth/get-session").json() is None
    known = {"email": email, "password": NEW_PASSWORD}
    assert fresh.post("/api/auth/sign-in/email", json=known).status_code == 200


def test_where_a_page_is_named_it_is_used(
    browser: httpx.Client, mailbox: Mailbox
) -> None:
    """An application with a page for new passwords keeps it; a stranger's is none."""
    email = member(browser, mailbox)
    asked = {"email": email, "redirectTo": f"{ORIGIN}/new-password"}
    browser.post("/api/auth/request-password-reset", json=asked)
    led = follow(browser, mailbox.to(email, 2)[1].link)
    assert led.startswith(f"{ORIGIN}/new-password?token=")
    asked["redirectTo"] = "https://evil.example/new-password"
    refused = browser.post("/api/auth/request-password-reset", json=asked)
    assert refused.status_code == 403


def test_guesses_at_the_form_are_counted(
    server: AuthServer, mailbox: Mailbox, browser: httpx.Client
) -> None:
    """By the client's own address, as at the endpoint behind it."""
    sent = {"token": "x" * 24, "password": NEW_PASSWORD}
    path = "/api/auth/new-password"
    codes = [browser.post(path, data=sent).status_code for _ in range(110)]
    assert (codes[0], codes[-1]) == (400, 429)
    assert "Wait a minute" in said(browser.post(path, data=sent))
    # Another user is not held up by it.
    other = server.client(address=next(_addresses))
    email = member(other, mailbox)
    page = opened(other, reset_link(other, mailbox, email))
    (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
    done = other.post(path, data={"token": token, "password": NEW_PASSWORD})
    assert done.status_code == 200


def test_no_token_is_logged(
    server: AuthServer, browser: httpx.Client, mailbox: Mailbox
) -> None:
    """Neither on the way to the form nor by sending it."""
    email = member(browser, mailbox)
    page = opened(browser, reset_link(browser, mailbox, email))
    (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
    sent = {"token": token, "password": NEW_PASSWORD}
    assert browser.post("/api/auth/new-password", data=sent).status_code == 200
    log = server.logged(until='"/api/auth/new-password"')
    assert token not in log
    assert NEW_PASSWORD not in log
