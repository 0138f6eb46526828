"""Addresses that a provider has not confirmed: no one gets in by writing one down."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from support.auth_server import AuthServer, follow, running_server
from support.identity_providers import PRELOAD, IdentityProviders, Person
from support.postgres import execute
from support.sign_in_methods import SOCIAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx
    from support.mail_services import Mailbox

HOME = "http://localhost:3000/home"
FAILED = "http://localhost:3000/failed"
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
_addresses = (f"198.18.0.{n}" for n in itertools.count(1))

each = pytest.mark.parametrize("provider", SOCIAL)


@pytest.fixture
def browser(server: AuthServer) -> httpx.Client:
    """A new browser."""
    return server.client(address=next(_addresses))


def arrive(
    browser: httpx.Client, providers: IdentityProviders, provider: str, person: Person
) -> str:
    """Go to the provider and come back; return where that leads."""
    asked = {"provider": provider, "callbackURL": HOME, "errorCallbackURL": FAILED}
    answer = browser.post("/api/auth/sign-in/social", json=asked)
    assert answer.status_code == 200, answer.text
    return follow(browser, providers.consent(str(answer.json()["url"]), person))


def who(browser: httpx.Client) -> str | None:
    """Return the address of the session's user."""
    session = browser.get("/api/auth/get-session").json()
    return session and session["user"]["email"]


def error_of(url: str) -> str:
    """Return the error that a redirect tells."""
    return parse_qs(urlsplit(url).query)["error"][0]


def rows(database: str, email: str) -> dict[str, list[str]]:
    """Return what is kept of an address: whether confirmed, ways in, sessions."""
    kept = {
        "confirmed": "select email_verified from auth_user u where",
        "ways": "select provider_id from auth_account a join auth_user u "
        "on u.id = a.user_id and",
        "sessions": "select s.id from auth_session s join auth_user u "
        "on u.id = s.user_id and",
    }
    return {
        what: sorted(execute(database, f"{query} u.email = '{email}'").split())
        for what, query in kept.items()
    }


NOTHING: dict[str, list[str]] = {"confirmed": [], "ways": [], "sessions": []}


@each
def test_a_first_visit_makes_nobody(
    browser: httpx.Client,
    database: str,
    providers: IdentityProviders,
    mailbox: Mailbox,
    provider: str,
) -> None:
    """No session, no user to wait for the owner, no mail that invites them in."""
    claimed = Person(email=f"claimed-first-{provider}@example.com", verified=False)
    led = arrive(browser, providers, provider, claimed)
    assert led.startswith(FAILED)
    assert error_of(led) == "email_not_verified"
    assert who(browser) is None
    assert rows(database, claimed.email) == NOTHING
    assert [mail for mail in mailbox.received if mail.to == claimed.email] == []


def test_github_with_another_address_that_is_confirmed(
    browser: httpx.Client, database: str, providers: IdentityProviders
) -> None:
    """The primary address is the one that counts, whatever else is confirmed."""
    person = Person(
        email="primary@example.com",
        verified=False,
        others=(("mallory@example.com", True),),
    )
    assert (
        error_of(arrive(browser, providers, "github", person)) == "email_not_verified"
    )
    assert rows(database, "primary@example.com") == NOTHING
    assert rows(database, "mallory@example.com") == NOTHING


def test_google_s_own_button(
    browser: httpx.Client, database: str, providers: IdentityProviders
) -> None:
    """An ID token that Google has signed says as little, if it says unconfirmed."""
    claimed = Person(email="button@example.com", verified=False)
    asked = {"provider": "google", "idToken": {"token": providers.id_token(claimed)}}
    answer = browser.post("/api/auth/sign-in/social", json=asked)
    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] == "email_not_verified"
    assert rows(database, claimed.email) == NOTHING
    known = Person(email="button@example.com")
    asked = {"provider": "google", "idToken": {"token": providers.id_token(known)}}
    assert browser.post("/api/auth/sign-in/social", json=asked).status_code == 200
    assert who(browser) == known.email


@each
def test_an_account_of_before_is_not_connected(
    server: AuthServer, providers: IdentityProviders, database: str, provider: str
) -> None:
    """Neither side has confirmed the address: two strangers may mean each other."""
    email = f"both-unconfirmed-{provider}@example.com"
    new = {"email": email, "password": PASSWORD, "name": "Mallory"}
    squatter = server.client(address=next(_addresses))
    assert squatter.post("/api/auth/sign-up/email", json=new).status_code == 200
    visitor = server.client(address=next(_addresses))
    led = arrive(visitor, providers, provider, Person(email=email, verified=False))
    assert error_of(led) == "account_not_linked"
    assert rows(database, email)["ways"] == ["credential"]


@each
def test_whoever_is_known_stays_known(
    server: AuthServer, providers: IdentityProviders, provider: str
) -> None:
    """Their own account at the provider, whose address is confirmed no longer."""
    person = Person(email=f"known-{provider}@example.com")
    arrive(server.client(address=next(_addresses)), providers, provider, person)
    later = Person(email=f"new-{provider}@example.com", id=person.id, verified=False)
    again = server.client(address=next(_addresses))
    assert arrive(again, providers, provider, later) == HOME
    assert who(again) == person.email


def stranger(database: str, email: str, provider: str) -> Person:
    """Leave a user as an earlier release made them of an unconfirmed address."""
    person = Person(email=email, verified=False)
    execute(
        database,
        f"""with made as (
              insert into auth_user (name, email, email_verified)
              values ('Mallory', '{email}', false) returning id
            ), linked as (
              insert into auth_account (account_id, provider_id, user_id, updated_at)
              select '{person.id}', '{provider}', id, now() from made
            )
            insert into auth_session (user_id, token, expires_at, updated_at)
            select id, '{person.id}', now() + interval '1 day', now() from made""",  # noqa: S608 - made here
    )
    return person


@each
def test_a_stranger_of_before_does_not_come_back(
    browser: httpx.Client, database: str, providers: IdentityProviders, provider: str
) -> None:
    """Not with the address they once wrote down, nor after confirming another."""
    email = f"before-{provider}@example.com"
    person = stranger(database, email, provider)
    own = Person(email=f"mallory-{provider}@example.com", id=person.id)
    for visit in (person, own):
        led = arrive(browser, providers, provider, visit)
        assert error_of(led) == "email_not_verified"
        assert who(browser) is None
    # The provider's word for this very address, however, is enough.
    owner = Person(email=email, id=person.id)
    assert arrive(browser, providers, provider, owner) == HOME
    assert rows(database, email)["confirmed"] == ["t"]


@each
def test_a_new_password_by_mail_is_the_owner_s_word(
    server: AuthServer,
    database: str,
    providers: IdentityProviders,
    mailbox: Mailbox,
    provider: str,
) -> None:
    """The address is confirmed by it, and the stranger's way in is gone."""
    browser = server.client(address=next(_addresses))
    email = f"reset-{provider}@example.com"
    person = stranger(database, email, provider)
    reset(browser, mailbox, email)
    kept = rows(database, email)
    assert kept == {"confirmed": ["t"], "ways": ["credential"], "sessions": []}
    thief = server.client(address=next(_addresses))
    led = arrive(thief, providers, provider, person)
    assert error_of(led) == "account_not_linked"
    assert who(thief) is None
    # Nothing more is asked of the owner.
    back = {"email": email, "password": "the owner's own password"}
    assert browser.post("/api/auth/sign-in/email", json=back).status_code == 200


def reset(browser: httpx.Client, mailbox: Mailbox, email: str) -> None:
    """Choose a new password by mail."""
    asked = {"email": email, "redirectTo": HOME}
    seen = len([mail for mail in mailbox.received if mail.to == email])
    browser.post("/api/auth/request-password-reset", json=asked)
    led = follow(browser, mailbox.to(email, seen + 1)[seen].link)
    new = {
        "token": led.partition("token=")[2],
        "newPassword": "the owner's own password",
    }
    assert browser.post("/api/auth/reset-password", json=new).status_code == 200


def test_a_password_of_before_is_the_owner_s_to_change(
    server: AuthServer, browser: httpx.Client, database: str, mailbox: Mailbox
) -> None:
    """A user registers a stranger's address and waits; the owner resets."""
    email, squatter = (
        "waited-for@example.com",
        server.client(address=next(_addresses)),
    )
    new = {"email": email, "password": PASSWORD, "name": "Mallory"}
    squatter.post("/api/auth/sign-up/email", json=new)
    mailbox.to(email)
    reset(browser, mailbox, email)
    assert rows(database, email)["confirmed"] == ["t"]
    old = {"email": email, "password": PASSWORD}
    assert squatter.post("/api/auth/sign-in/email", json=old).status_code == 401
    mine = {"email": email, "password": "the owner's own password"}
    assert browser.post("/api/auth/sign-in/email", json=mine).status_code == 200


def test_a_new_password_keeps_the_ways_of_somebody_confirmed(
    server: AuthServer,
    browser: httpx.Client,
    database: str,
    providers: IdentityProviders,
    mailbox: Mailbox,
) -> None:
    """A person who signs in with Google and has forgotten a password loses neither."""
    person = Person(email="two-ways@example.com")
    arrive(server.client(address=next(_addresses)), providers, "google", person)
    reset(browser, mailbox, person.email)
    assert rows(database, person.email)["ways"] == ["credential", "google"]


def test_where_nothing_is_confirmed_the_owner_still_comes_first(
    ready: Callable[..., tuple[Path, str]],
    providers: IdentityProviders,
    smtp: tuple[str, Mailbox],
) -> None:
    """With confirmation off an unconfirmed address signs in, until its owner writes."""
    folder, url = ready(auth_email_verification=False)
    command = ("node", "--import", str(PRELOAD), "dist/server.js")
    settings = {"SMTP_URL": smtp[0], "IDENTITY_PROVIDERS": providers.url}
    with running_server(folder, url, command=command, **settings) as server:
        for number, prove in enumerate((reset, confirm)):
            email = f"nothing-{number}@example.com"
            thief = server.client(address=next(_addresses))
            claimed = Person(email=email, verified=False)
            assert arrive(thief, providers, "github", claimed) == HOME
            assert who(thief) == email
            prove(server.client(address=next(_addresses)), smtp[1], email)
            assert who(thief) is None
            kept = rows(url, email)
            assert kept["confirmed"] == ["t"]
            assert "github" not in kept["ways"]


def confirm(browser: httpx.Client, mailbox: Mailbox, email: str) -> None:
    """Follow a link that confirms the address."""
    asked = {"email": email, "callbackURL": HOME}
    browser.post("/api/auth/send-verification-email", json=asked)
    assert follow(browser, mailbox.to(email)[0].link) == HOME
