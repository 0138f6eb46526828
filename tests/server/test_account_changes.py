"""What ends when a password, an address or an account goes, and what does not."""

from __future__ import annotations

import base64
import itertools
import time
from typing import TYPE_CHECKING

import pytest
from support.auth_server import ORIGIN, AuthServer, follow, running_server
from support.identity_providers import PRELOAD, IdentityProviders, Person
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx
    from support.mail_services import Mail, Mailbox

HOME = f"{ORIGIN}/home"
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
NEW_PASSWORD = "a better horse battery"  # noqa: S105 - as above
_addresses = (f"198.18.2.{n}" for n in itertools.count(1))
_people = (f"changes-{n}@example.com" for n in itertools.count(1))


def new_browser(server: AuthServer) -> httpx.Client:
    """A browser in its own network, so that no test meets another's limit."""
    return server.client(address=next(_addresses))


def member(server: AuthServer, mailbox: Mailbox) -> tuple[httpx.Client, str]:
    """A user with a confirmed address, signed in: their browser and the address."""
    browser, email = new_browser(server), next(_people)
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    assert browser.post("/api/auth/sign-up/email", json=new).status_code == 200
    follow(browser, mailbox.to(email)[0].link)
    assert who(browser) == email
    return browser, email


def signed_in(server: AuthServer, email: str, password: str) -> httpx.Client:
    """Sign in with another browser."""
    browser = new_browser(server)
    known = {"email": email, "password": password}
    answer = browser.post("/api/auth/sign-in/email", json=known)
    assert answer.status_code == 200, answer.text
    return browser


def who(browser: httpx.Client) -> str | None:
    """Return the address of the session's user."""
    session = browser.get("/api/auth/get-session").json()
    return session and session["user"]["email"]


def next_mail(mailbox: Mailbox, email: str, ask: Callable[[], httpx.Response]) -> Mail:
    """Do what mails a user; return that mail."""
    seen = len([mail for mail in mailbox.received if mail.to == email])
    answer = ask()
    assert answer.status_code in {200, 302}, answer.text
    return mailbox.to(email, seen + 1)[seen]


def reset_token(server: AuthServer, mailbox: Mailbox, email: str) -> str:
    """Ask for a new password; return the one-time token of the mail."""
    browser, asked = new_browser(server), {"email": email, "redirectTo": HOME}
    mail = next_mail(
        mailbox,
        email,
        lambda: browser.post("/api/auth/request-password-reset", json=asked),
    )
    return follow(browser, mail.link).partition("token=")[2]


def reset(server: AuthServer, token: str, password: str = NEW_PASSWORD) -> int:
    """Choose a new password with a mail's token; return the status."""
    new = {"token": token, "newPassword": password}
    browser = new_browser(server)
    return browser.post("/api/auth/reset-password", json=new).status_code


def change_password(browser: httpx.Client, **more: object) -> httpx.Response:
    """Change the password, knowing it."""
    change = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD, **more}
    answer = browser.post("/api/auth/change-password", json=change)
    assert answer.status_code == 200, answer.text
    return answer


def change_address(
    browser: httpx.Client, mailbox: Mailbox, email: str, new: str
) -> Mail:
    """Ask for another address and agree in the old one; return the new one's mail."""
    asked = {"newEmail": new, "callbackURL": HOME}
    consent = next_mail(
        mailbox, email, lambda: browser.post("/api/auth/change-email", json=asked)
    )
    assert new in consent.text
    assert not [mail for mail in mailbox.received if mail.to == new]
    link = consent.link.replace("localhost", "127.0.0.1", 1)
    mail = next_mail(mailbox, new, lambda: browser.get(link))
    assert who(browser) == email
    return mail


def test_an_older_reset_link_dies_with_a_newer(
    server: AuthServer, mailbox: Mailbox
) -> None:
    """Each counts until one was used; then none does, whichever it was."""
    _, email = member(server, mailbox)
    older, newer = (reset_token(server, mailbox, email) for _ in range(2))
    assert reset(server, newer) == 200
    assert reset(server, older, "the attacker's own one") == 400
    # One person gets five mails an hour, so it is another one's turn.
    _, email = member(server, mailbox)
    older, newer = (reset_token(server, mailbox, email) for _ in range(2))
    assert reset(server, older) == 200
    assert reset(server, newer, "the attacker's own one") == 400
    # Another user's links are another user's.
    _, other = member(server, mailbox)
    token = reset_token(server, mailbox, other)
    assert reset(server, reset_token(server, mailbox, email)) == 200
    assert reset(server, token) == 200


def test_a_reset_link_dies_with_the_password_and_the_address(
    server: AuthServer, mailbox: Mailbox
) -> None:
    """Whatever a user has done about their account, older mails undo nothing."""
    browser, email = member(server, mailbox)
    token = reset_token(server, mailbox, email)
    change_password(browser)
    assert reset(server, token, PASSWORD) == 400
    token = reset_token(server, mailbox, email)
    new = next(_people)
    follow(browser, change_address(browser, mailbox, email, new).link)
    assert reset(server, token, PASSWORD) == 400


def test_links_of_other_kinds_die_with_the_password(
    server: AuthServer, mailbox: Mailbox
) -> None:
    """What an attacker began who could read the mails for a while ends with it."""
    for renew in (
        lambda browser, _email: change_password(browser),
        lambda _browser, email: reset(server, reset_token(server, mailbox, email)),
    ):
        browser, email = member(server, mailbox)
        thief, theirs = signed_in(server, email, PASSWORD), next(_people)
        change = change_address(thief, mailbox, email, theirs)
        asked = {"email": email, "callbackURL": HOME}
        magic = next_mail(
            mailbox,
            email,
            lambda thief=thief, asked=asked: thief.post(
                "/api/auth/sign-in/magic-link", json=asked
            ),
        )
        # The signed link says its second of birth.
        time.sleep(1.1)
        renew(browser, email)
        assert follow(thief, change.link) == f"{HOME}?error=INVALID_TOKEN"
        assert follow(thief, magic.link) == f"{HOME}?error=INVALID_TOKEN"
        assert who(thief) is None
        back = signed_in(server, email, NEW_PASSWORD)
        # One that is asked for afterwards counts.
        own = next(_people)
        follow(back, change_address(back, mailbox, email, own).link)
        assert who(signed_in(server, own, NEW_PASSWORD)) == own


@pytest.mark.parametrize("claims", ["{}", "[]", "null", "x", '{"updateTo": {}}'])
def test_a_token_that_says_nothing(server: AuthServer, claims: str) -> None:
    """Whatever is in it, it is no error of the server's."""
    ill = '{"updateTo": "a@b.ch", "userId": "x", "iat": "y"}'
    for text in (claims, ill):
        middle = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        path = f"/api/auth/verify-email?token=a.{middle}.b"
        assert new_browser(server).get(path).status_code == 401, text


def test_a_changed_password_ends_other_sessions(
    server: AuthServer, mailbox: Mailbox
) -> None:
    """Unless it is said that it should not; the browser that changed it stays in."""
    here, email = member(server, mailbox)
    there = signed_in(server, email, PASSWORD)
    assert change_password(here).json()["token"]
    assert (who(here), who(there)) == (email, None)
    there = signed_in(server, email, NEW_PASSWORD)
    back = {"currentPassword": NEW_PASSWORD, "newPassword": PASSWORD}
    change_password(here, **back, revokeOtherSessions=False)
    assert (who(here), who(there)) == (email, email)
    # An attempt that fails ends nothing.
    wrong = {"currentPassword": "a wrong guess", "newPassword": NEW_PASSWORD}
    assert here.post("/api/auth/change-password", json=wrong).status_code == 400
    assert (who(here), who(there)) == (email, email)


def test_an_address_is_changed_by_both_mailboxes(
    server: AuthServer, mailbox: Mailbox, database: str
) -> None:
    """The old one agrees, the new one confirms; then everybody signs in anew."""
    here, email = member(server, mailbox)
    there, new = signed_in(server, email, PASSWORD), next(_people)
    mail = change_address(here, mailbox, email, new)
    assert (who(here), who(there)) == (email, email)
    assert follow(new_browser(server), mail.link) == HOME
    assert (who(here), who(there)) == (None, None)
    assert who(signed_in(server, new, PASSWORD)) == new
    old = {"email": email, "password": PASSWORD}
    refused = new_browser(server).post("/api/auth/sign-in/email", json=old)
    assert refused.status_code == 401
    rows = execute(database, "select email, email_verified from auth_user").split()
    assert f"{new}|t" in rows
    # A second time the link does nothing, not even end a session.
    after = signed_in(server, new, PASSWORD)
    assert "INVALID_TOKEN" in follow(new_browser(server), mail.link)
    assert who(after) == new


def test_a_made_up_token_ends_no_session(server: AuthServer, mailbox: Mailbox) -> None:
    """Only one that better-auth has signed speaks for its user."""
    browser, email = member(server, mailbox)
    mail = change_address(browser, mailbox, email, next(_people))
    token = mail.link.partition("token=")[2].partition("&")[0]
    head, claims, signature = token.split(".")
    made_up = f"{head}.{claims}.{signature[:-4]}AAAA"
    for query in (f"token={made_up}&callbackURL={HOME}", f"token={made_up}"):
        new_browser(server).get(f"/api/auth/verify-email?{query}")
        assert who(browser) == email


def test_a_taken_address_looks_like_any_other(
    server: AuthServer, mailbox: Mailbox
) -> None:
    """And no one is written to: neither tells who has an account."""
    browser, _ = member(server, mailbox)
    _, taken = member(server, mailbox)
    before = len(mailbox.received)
    answers = {
        browser.post("/api/auth/change-email", json={"newEmail": new}).text
        for new in (taken, next(_people))
    }
    assert len(answers) == 1
    mailbox.to(who(browser) or "", 2)
    assert len(mailbox.received) == before + 1


def deletion(browser: httpx.Client, mailbox: Mailbox, email: str) -> Mail:
    """Ask to delete the account; return the mail about it."""
    asked = {"callbackURL": HOME}
    return next_mail(
        mailbox, email, lambda: browser.post("/api/auth/delete-user", json=asked)
    )


def test_an_account_is_deleted_by_its_mailbox(
    server: AuthServer, mailbox: Mailbox, database: str
) -> None:
    """The link counts in the browser that is signed in; nothing is left afterwards."""
    here, email = member(server, mailbox)
    there = signed_in(server, email, PASSWORD)
    reset_link = reset_token(server, mailbox, email)
    mail = deletion(here, mailbox, email)
    assert (who(here), who(there)) == (email, email)
    # A scanner of mails, and another user who is signed in, open it first.
    stranger, _ = member(server, mailbox)
    for other in (new_browser(server), stranger):
        second = deletion(here, mailbox, email)
        answer = other.get(second.link.replace("localhost", "127.0.0.1", 1))
        assert answer.status_code == 404
    assert who(here) == email
    assert follow(here, mail.link) == HOME
    assert (who(here), who(there)) == (None, None)
    dump = "".join(
        execute(database, f"table {table}")
        for table in ("auth_user", "auth_account", "auth_session", "auth_verification")
    )
    assert email not in dump
    assert reset(server, reset_link) == 400
    known = {"email": email, "password": PASSWORD}
    gone = new_browser(server).post("/api/auth/sign-in/email", json=known)
    assert gone.status_code == 401


def test_an_account_that_something_refers_to_is_kept_whole(
    server: AuthServer, mailbox: Mailbox, database: str
) -> None:
    """Not half deleted: ways in and sessions go with the user, or not at all."""
    execute(
        database,
        "create table orders (user_id uuid references auth_user);"
        "create table notes (user_id uuid references auth_user on delete cascade)",
    )
    browser, email = member(server, mailbox)
    who_is_it = f"select id from auth_user where email = '{email}'"  # noqa: S608 - made here
    for table in ("orders", "notes"):
        execute(database, f"insert into {table} {who_is_it}")
    link = deletion(browser, mailbox, email).link.replace("localhost", "127.0.0.1", 1)
    refused = browser.get(link)
    assert (refused.status_code, refused.json()["code"]) == (409, "USER_IN_USE")
    assert who(browser) == email
    assert who(signed_in(server, email, PASSWORD)) == email
    link = deletion(browser, mailbox, email).link.replace("localhost", "127.0.0.1", 1)
    page = browser.get(link, headers={"Accept": "text/html"}, follow_redirects=False)
    assert "error=USER_IN_USE" in page.headers["location"]
    execute(database, "delete from orders")
    follow(browser, deletion(browser, mailbox, email).link)
    assert execute(database, "select count(*) from notes") == "0"
    execute(database, "drop table orders; drop table notes")


def test_a_new_password_calls_a_deletion_off(
    server: AuthServer, mailbox: Mailbox
) -> None:
    """Another user's session had asked for it."""
    thief, email = member(server, mailbox)
    mail = deletion(thief, mailbox, email)
    assert reset(server, reset_token(server, mailbox, email)) == 200
    back = signed_in(server, email, NEW_PASSWORD)
    answer = back.get(mail.link.replace("localhost", "127.0.0.1", 1))
    assert answer.status_code == 404
    assert who(back) == email


@pytest.mark.parametrize("path", ["delete-user", "change-email"])
def test_a_page_elsewhere_changes_no_account(
    server: AuthServer, mailbox: Mailbox, path: str
) -> None:
    """Nor does one lead a person on to itself afterwards."""
    browser, email = member(server, mailbox)
    evil, body = "https://evil.example", {"newEmail": next(_people)}
    before = len(mailbox.received)
    elsewhere = browser.post(f"/api/auth/{path}", json=body, headers={"Origin": evil})
    body["callbackURL"] = evil
    leading = browser.post(f"/api/auth/{path}", json=body)
    assert (elsewhere.status_code, leading.status_code) == (403, 403)
    nobody = new_browser(server).post(f"/api/auth/{path}", json={"newEmail": "a@b.ch"})
    assert nobody.status_code == 401
    assert len(mailbox.received) == before
    assert who(browser) == email


def test_tokens_end_with_the_session_that_they_are_asked_with(
    ready: Callable[..., tuple[Path, str]], smtp: tuple[str, Mailbox]
) -> None:
    """With `jwt`: no new token; one that is out lives until it expires."""
    folder, url = ready(auth_session_validation="jwt")
    with running_server(folder, url, SMTP_URL=smtp[0]) as server:
        here, email = member(server, smtp[1])
        there = signed_in(server, email, PASSWORD)
        token = "/api/auth/token"  # noqa: S105 - a path
        assert there.get(token).status_code == 200
        change_password(here)
        assert there.get(token).status_code == 401
        assert here.get(token).status_code == 200
        follow(here, deletion(here, smtp[1], email).link)
        assert here.get(token).status_code == 401


def test_where_nothing_is_mailed(
    ready: Callable[..., tuple[Path, str]], providers: IdentityProviders
) -> None:
    """With providers alone: a young session deletes its account, an old one cannot."""
    folder, url = ready(auth_methods=["google", "github"])
    command = ("node", "--import", str(PRELOAD), "dist/server.js")
    settings = {"IDENTITY_PROVIDERS": providers.url}
    with running_server(folder, url, command=command, **settings) as server:
        browser = new_browser(server)
        asked = {"provider": "google", "callbackURL": HOME}
        begun = browser.post("/api/auth/sign-in/social", json=asked).json()["url"]
        person = Person(email=next(_people))
        assert follow(browser, providers.consent(begun, person)) == HOME
        change = browser.post("/api/auth/change-email", json={"newEmail": "a@b.ch"})
        assert change.status_code == 400
        age = "update auth_session set created_at = created_at - interval '%s hours'"
        execute(url, age % 25)
        old = browser.post("/api/auth/delete-user", json={})
        assert old.status_code == 400
        assert old.json()["code"] == "SESSION_EXPIRED"
        execute(url, age % -25)
        assert browser.post("/api/auth/delete-user", json={}).status_code == 200
        assert who(browser) is None
        assert execute(url, "select count(*) from auth_user") == "0"


def test_where_nothing_is_confirmed_a_session_carries_no_account_off(
    ready: Callable[..., tuple[Path, str]], smtp: tuple[str, Mailbox]
) -> None:
    """The present address has a say, so it must be known to be the user's."""
    folder, url = ready(auth_email_verification=False)
    mailbox = smtp[1]
    with running_server(folder, url, SMTP_URL=smtp[0]) as server:
        browser, email, other = new_browser(server), next(_people), next(_people)
        new = {"email": email, "password": PASSWORD, "name": "Ada"}
        browser.post("/api/auth/sign-up/email", json=new)
        asked = {"newEmail": other, "callbackURL": HOME}
        refused = browser.post("/api/auth/change-email", json=asked)
        assert refused.status_code == 403
        assert refused.json()["code"] == "EMAIL_NOT_VERIFIED"
        confirm = {"email": email, "callbackURL": HOME}
        path = "/api/auth/send-verification-email"
        mail = next_mail(mailbox, email, lambda: browser.post(path, json=confirm))
        assert follow(browser, mail.link) == HOME
        assert who(browser) == email
        follow(browser, change_address(browser, mailbox, email, other).link)
        assert who(signed_in(server, other, PASSWORD)) == other
