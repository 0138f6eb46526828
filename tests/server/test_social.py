"""Social providers: first visit, return, linking and every way it can go wrong."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from support.auth_server import AuthServer, follow
from support.identity_providers import IdentityProviders, Person
from support.postgres import execute
from support.sign_in_methods import SOCIAL

if TYPE_CHECKING:
    import httpx
    from support.mail_services import Mailbox

HOME = "http://localhost:3000/home"
FAILED = "http://localhost:3000/failed"
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
# Each visitor has their own address, so that no test meets another's rate limit.
_addresses = (f"203.0.113.{n}" for n in itertools.count(1))

each = pytest.mark.parametrize("provider", SOCIAL)


@pytest.fixture
def browser(server: AuthServer) -> httpx.Client:
    """A new browser."""
    return server.client(address=next(_addresses))


def begin(browser: httpx.Client, provider: str, path: str = "sign-in/social") -> str:
    """Ask for the provider's consent page."""
    asked = {"provider": provider, "callbackURL": HOME, "errorCallbackURL": FAILED}
    answer = browser.post(f"/api/auth/{path}", json=asked)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


def sign_in(
    browser: httpx.Client, providers: IdentityProviders, provider: str, person: Person
) -> str:
    """Take the whole way; return where it leads."""
    return follow(browser, providers.consent(begin(browser, provider), person))


def who(browser: httpx.Client) -> str | None:
    """Return the address of the session's user."""
    session = browser.get("/api/auth/get-session").json()
    return session and session["user"]["email"]


def error_of(url: str) -> str:
    """Return the error that a redirect tells."""
    return parse_qs(urlsplit(url).query)["error"][0]


@each
def test_first_visit_and_return(
    server: AuthServer,
    browser: httpx.Client,
    database: str,
    providers: IdentityProviders,
    provider: str,
) -> None:
    """The second sign-in finds the user of the first, who needs no mail."""
    person = Person(email=f"first-{provider}@example.com")
    assert sign_in(browser, providers, provider, person) == HOME
    assert who(browser) == person.email
    again = server.client(address=next(_addresses))
    assert sign_in(again, providers, provider, person) == HOME
    assert who(again) == person.email
    users = execute(database, "select email, email_verified from auth_user").split()
    assert users.count(f"{person.email}|t") == 1


@each
def test_tokens_are_not_readable_in_the_database(
    browser: httpx.Client, database: str, providers: IdentityProviders, provider: str
) -> None:
    """A copy of the database opens no account at a provider, nor here."""
    person = Person(email=f"tokens-{provider}@example.com")
    sign_in(browser, providers, provider, person)
    rows = execute(database, "select row_to_json(a) from auth_account a")
    assert person.id in rows
    assert len(providers.issued) >= 1
    for token in providers.issued:
        assert token not in rows


@each
def test_a_confirmed_address_is_linked(
    server: AuthServer,
    database: str,
    providers: IdentityProviders,
    mailbox: Mailbox,
    provider: str,
) -> None:
    """A user with a password comes back through a provider: one user, two ways in."""
    browser = server.client(address=next(_addresses))
    email = f"linked-{provider}@example.com"
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    assert browser.post("/api/auth/sign-up/email", json=new).status_code == 200
    follow(browser, mailbox.to(email)[0].link)
    social = server.client(address=next(_addresses))
    assert sign_in(social, providers, provider, Person(email=email)) == HOME
    assert who(social) == email
    accounts = social.get("/api/auth/list-accounts").json()
    assert {a["providerId"] for a in accounts} == {"credential", provider}
    assert execute(database, "select email from auth_user").split().count(email) == 1


@each
def test_an_unconfirmed_local_address_is_not_linked(
    server: AuthServer, providers: IdentityProviders, provider: str
) -> None:
    """A user who registers a stranger's address does not get the stranger's account."""
    email = f"squatted-{provider}@example.com"
    squatter = server.client(address=next(_addresses))
    new = {"email": email, "password": PASSWORD, "name": "Mallory"}
    assert squatter.post("/api/auth/sign-up/email", json=new).status_code == 200
    owner = server.client(address=next(_addresses))
    led = sign_in(owner, providers, provider, Person(email=email))
    assert led.startswith(FAILED)
    assert error_of(led) == "account_not_linked"
    assert who(owner) is None


@each
def test_an_address_that_the_provider_did_not_confirm_is_not_linked(
    server: AuthServer,
    browser: httpx.Client,
    providers: IdentityProviders,
    mailbox: Mailbox,
    provider: str,
) -> None:
    """An account at the provider with another user's address opens nothing here."""
    email = f"claimed-{provider}@example.com"
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    browser.post("/api/auth/sign-up/email", json=new)
    follow(browser, mailbox.to(email)[0].link)
    thief = server.client(address=next(_addresses))
    claimed = Person(email=email, verified=False)
    led = sign_in(thief, providers, provider, claimed)
    assert error_of(led) == "account_not_linked"
    assert who(thief) is None


@each
def test_linking_by_hand_needs_the_same_address(
    browser: httpx.Client, providers: IdentityProviders, provider: str
) -> None:
    """A signed-in user cannot attach an account of another address."""
    other = next(name for name in SOCIAL if name != provider)
    me = Person(email=f"byhand-{provider}@example.com")
    sign_in(browser, providers, provider, me)
    stranger = Person(email=f"stranger-{provider}@example.com")
    consent = begin(browser, other, "link-social")
    led = follow(browser, providers.consent(consent, stranger))
    assert "email" in error_of(led)
    consent = begin(browser, other, "link-social")
    assert follow(browser, providers.consent(consent, Person(email=me.email))) == HOME
    accounts = browser.get("/api/auth/list-accounts").json()
    assert {account["providerId"] for account in accounts} == {provider, other}


@each
def test_a_lost_state_cookie(
    server: AuthServer,
    browser: httpx.Client,
    providers: IdentityProviders,
    provider: str,
) -> None:
    """A callback in another browser than it was begun in, as after a login CSRF."""
    person = Person(email=f"lost-{provider}@example.com")
    callback = providers.consent(begin(browser, provider), person)
    other = server.client(address=next(_addresses))
    assert error_of(follow(other, callback)) == "state_mismatch"
    assert who(other) is None


@each
def test_a_cancelled_consent(
    browser: httpx.Client, providers: IdentityProviders, provider: str
) -> None:
    """A user who says no comes back to the application, which learns why."""
    led = follow(browser, providers.cancel(begin(browser, provider)))
    assert led.startswith(FAILED)
    assert error_of(led) == "access_denied"
    assert who(browser) is None


@each
def test_a_code_counts_once(
    browser: httpx.Client, providers: IdentityProviders, provider: str
) -> None:
    """The same callback a second time signs no one in."""
    person = Person(email=f"once-{provider}@example.com")
    callback = providers.consent(begin(browser, provider), person)
    assert follow(browser, callback) == HOME
    browser.cookies.clear()
    assert "error" in follow(browser, callback)
    assert who(browser) is None


def test_where_to_come_back_is_not_for_strangers_to_say(browser: httpx.Client) -> None:
    """An address outside CORS_ORIGINS is refused before anybody leaves."""
    asked = {"provider": "google", "callbackURL": "https://evil.example/"}
    answer = browser.post("/api/auth/sign-in/social", json=asked)
    assert answer.status_code == 403, answer.text
