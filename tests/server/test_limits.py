"""Limits that hold over instances and addresses, and what is kept to count them."""

from __future__ import annotations

import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from support.auth_server import SECRET, AuthServer, follow, running_server
from support.identity_providers import PRELOAD, IdentityProviders, Person
from support.mail_services import Mailbox, smtp_server
from support.postgres import execute, free_port
from support.sign_in_methods import SOCIAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

HOME = "http://localhost:3000/home"
EVERYTHING = """
    select row_to_json(t)::text from auth_user t
    union all select row_to_json(t)::text from auth_session t
    union all select row_to_json(t)::text from auth_account t
    union all select row_to_json(t)::text from auth_verification t
    union all select row_to_json(t)::text from auth_rate_limit t
"""
PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
_addresses = (
    f"{block}.{n}" for block in ("192.0.2", "198.51.100") for n in range(1, 255)
)
_people = (f"target-{n}@example.com" for n in itertools.count(1))


@pytest.fixture(scope="module")
def mailed(ready: Callable[..., tuple[Path, str]]) -> Iterator[list[AuthServer]]:
    """Two instances of one server that sends mail."""
    folder, url = ready(auth_methods=["email_password", "magic_link"])
    public = f"http://localhost:{free_port()}"
    with (
        smtp_server() as (smtp, mailbox),
        running_server(folder, url, BETTER_AUTH_URL=public, SMTP_URL=smtp) as one,
        running_server(folder, url, BETTER_AUTH_URL=public, SMTP_URL=smtp) as two,
    ):
        _MAIL[id(one)] = (mailbox, url)
        yield [one, two]


_MAIL: dict[int, tuple[Mailbox, str]] = {}


@pytest.fixture
def letters(mailed: list[AuthServer]) -> Mailbox:
    """What the two instances sent."""
    return _MAIL[id(mailed[0])][0]


def visitors(servers: list[AuthServer], count: int) -> list[httpx.Client]:
    """Browsers with an address each, at one instance and the other in turn."""
    return [servers[n % 2].client(address=next(_addresses)) for n in range(count)]


def at_once(browsers: list[httpx.Client], path: str, *bodies: object) -> list[int]:
    """Post from all browsers together; return the statuses."""
    with ThreadPoolExecutor(len(browsers)) as pool:
        sent = itertools.cycle(bodies)
        answers = pool.map(
            lambda browser, body: browser.post(f"/api/auth/{path}", json=body),
            browsers,
            list(itertools.islice(sent, len(browsers))),
        )
        return sorted(answer.status_code for answer in answers)


def slowed_down(statuses: list[int], free: int) -> None:
    """Some are free; of the others one comes through after 1 second, 3, 7 and so on."""
    refused = statuses.count(429)
    assert refused > 0, statuses
    assert free <= len(statuses) - refused <= free + 4, statuses


def member(servers: list[AuthServer], letters: Mailbox) -> tuple[str, httpx.Client]:
    """A user with a password and a session, and their browser."""
    email, (browser,) = next(_people), visitors(servers, 1)
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    assert browser.post("/api/auth/sign-up/email", json=new).status_code == 200
    path = urlsplit(letters.to(email)[0].link)
    assert browser.get(f"{path.path}?{path.query}").status_code == 302
    assert browser.get("/api/auth/get-session").json() is not None
    return email, browser


@pytest.mark.parametrize("spelled", ["{}", "{} ", "upper"])
def test_guesses_of_one_password_from_many_addresses(
    mailed: list[AuthServer], letters: Mailbox, spelled: str
) -> None:
    """Ten at once over both instances, then slower; the owner still gets in."""
    email, home = member(mailed, letters)
    said = email.upper() if spelled == "upper" else email
    wrong = {"email": said, "password": "a wrong guess"}
    slowed_down(at_once(visitors(mailed, 30), "sign-in/email", wrong), 10)
    # From where the owner is signed in already, at once.
    right = {"email": email, "password": PASSWORD}
    assert home.post("/api/auth/sign-in/email", json=right).status_code == 200
    # That the password is known begins anew, for a new device too.
    (elsewhere,) = visitors(mailed, 1)
    assert elsewhere.post("/api/auth/sign-in/email", json=right).status_code == 200


def test_the_owner_waits_seconds_elsewhere(
    mailed: list[AuthServer], letters: Mailbox
) -> None:
    """Slowed down, not locked out: the answer says for how long."""
    email, _ = member(mailed, letters)
    wrong = {"email": email, "password": "a wrong guess"}
    while 429 not in at_once(visitors(mailed, 8), "sign-in/email", wrong):
        pass
    right = {"email": email, "password": PASSWORD}
    (browser,) = visitors(mailed, 1)
    for _ in range(3):
        answer = browser.post("/api/auth/sign-in/email", json=right)
        if answer.status_code == 200:
            break
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == answer.headers["x-retry-after"]
        seconds = int(answer.headers["retry-after"])
        assert 0 < seconds <= 16
        time.sleep(seconds)
    assert answer.status_code == 200


def test_an_address_without_an_account_is_slowed_down_alike(
    mailed: list[AuthServer],
) -> None:
    """Else the limit would tell who has an account."""
    wrong = {"email": next(_people), "password": "a wrong guess"}
    slowed_down(at_once(visitors(mailed, 20), "sign-in/email", wrong), 10)


@pytest.mark.parametrize(
    ("path", "named"),
    [("verify-password", "password"), ("change-password", "currentPassword")],
)
def test_guesses_with_a_stolen_session(
    mailed: list[AuthServer], letters: Mailbox, path: str, named: str
) -> None:
    """The session does not make its thief's guesses any faster."""
    _, owner = member(mailed, letters)
    thieves = visitors(mailed, 20)
    for thief in thieves:
        thief.cookies = owner.cookies
    guess = {named: "a wrong guess", "newPassword": "another long one"}
    slowed_down(at_once(thieves, path, guess), 10)


@pytest.mark.parametrize(
    ("paths", "spelled"),
    [
        (["request-password-reset"], ["{}@example.com"]),
        (["send-verification-email"], ["{}@example.com"]),
        (
            ["request-password-reset", "sign-in/magic-link", "sign-up/email"],
            ["{}@example.com"],
        ),
        (
            ["sign-in/magic-link"],
            ["{}+1@example.com", "{}+2@example.com", "{}@Example.com"],
        ),
    ],
)
def test_mails_to_one_person(
    mailed: list[AuthServer], letters: Mailbox, paths: list[str], spelled: list[str]
) -> None:
    """Five, no matter who asks and for whatever; each who asks is answered alike."""
    email = next(_people)
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    visitors(mailed, 1)[0].post("/api/auth/sign-up/email", json=new)
    names = [form.format(email.partition("@")[0]) for form in spelled]
    count = 24 // len(paths)
    for path in paths:
        bodies = [{**new, "email": name, "redirectTo": HOME} for name in names]
        assert at_once(visitors(mailed, count), path, *bodies) == [200] * count
    time.sleep(1)
    addresses = {name.lower() for name in [*names, email]}
    arrived = [mail for mail in letters.received if mail.to.lower() in addresses]
    assert len(arrived) == 5
    assert "not sent" in "".join(server.logged() for server in mailed)


@pytest.mark.parametrize(
    ("network", "count", "refused"),
    [
        ("2001:db8:1:5{:02x}::1", 12, True),  # one /56
        ("2001:db8:2:{:04x}::1", 30, True),  # one /48
        ("2001:db8:{:x}::1", 12, False),  # one network each
    ],
    ids=["56", "48", "own"],
)
def test_guesses_from_many_networks_of_one_customer(
    mailed: list[AuthServer],
    network: str,
    count: int,
    refused: bool,  # noqa: FBT001
) -> None:
    """After repeated refusals the wider network is counted as one."""
    path = "/api/auth/sign-in/email"
    statuses = []
    for n in range(count):
        step = n if "04x" not in network else n * 0x100
        browser = mailed[n % 2].client(address=network.format(step + 0x10))
        wrong = {"email": next(_people), "password": "a wrong guess"}
        statuses.append(browser.post(path, json=wrong).status_code)
    assert (429 in statuses) == refused, statuses
    others = mailed[0].client(address="2001:db8:ffff::1")
    wrong = {"email": next(_people), "password": "a wrong guess"}
    assert others.post(path, json=wrong).status_code == 401


def test_no_path_makes_a_limit_of_its_own(mailed: list[AuthServer]) -> None:
    """Tokens are guessed at one limit, however many there are."""
    (browser,) = visitors(mailed, 1)
    statuses = {
        browser.get(f"/api/auth/reset-password/guess-{n}?callbackURL=/").status_code
        for n in range(110)
    }
    assert statuses == {302, 429}


def test_no_secret_is_kept_readable(
    ready: Callable[..., tuple[Path, str]], providers: IdentityProviders
) -> None:
    """Neither in a table nor in the log: links of mails, states and codes of OAuth."""
    folder, url = ready()
    command = ("node", "--import", str(PRELOAD), "dist/server.js")
    with (
        smtp_server() as (smtp, mailbox),
        running_server(
            folder,
            url,
            command=command,
            SMTP_URL=smtp,
            IDENTITY_PROVIDERS=providers.url,
        ) as server,
    ):
        secrets = set(_spend_secrets(server, mailbox, providers))
        log = server.logged(until="sign-in/social")
    assert len(secrets) >= 8
    kept = execute(url, EVERYTHING)
    assert "last_request" in kept
    for secret in secrets:
        assert secret not in kept
        assert secret not in log


def _spend_secrets(
    server: AuthServer, mailbox: Mailbox, providers: IdentityProviders
) -> Iterator[str]:
    """Get one of each kind, and use it; yield what must be nowhere."""
    email = next(_people)
    browser = server.client(address=next(_addresses))
    new = {"email": email, "password": PASSWORD, "name": "Ada", "callbackURL": HOME}
    browser.post("/api/auth/sign-up/email", json=new)
    browser.post("/api/auth/sign-in/magic-link", json=new)
    browser.post("/api/auth/request-password-reset", json={**new, "redirectTo": HOME})
    yield PASSWORD
    for mail in mailbox.to(email, 3):
        link = urlsplit(mail.link)
        token = parse_qs(link.query).get("token", [link.path.rpartition("/")[2]])[0]
        yield token
        follow(browser, mail.link)
        spent = {"token": token, "newPassword": "another long one"}
        browser.post("/api/auth/reset-password", json=spent)
        broken = f'{{"token": "{token}", '
        headers = {"Content-Type": "application/json"}
        path = "/api/auth/reset-password"
        said = browser.post(path, content=broken, headers=headers)
        assert said.status_code == 400
        assert token not in said.text
        missing = browser.get(f"{path}/{token}")
        assert token not in missing.text
    for provider in SOCIAL:
        asked = {"provider": provider, "callbackURL": HOME}
        page = browser.post("/api/auth/sign-in/social", json=asked).json()["url"]
        given = parse_qs(urlsplit(page).query)
        yield given["state"][0]
        back = providers.consent(page, Person(email=next(_people)))
        returned = parse_qs(urlsplit(back).query)
        yield returned["code"][0]
        if provider != SOCIAL[0]:
            follow(browser, back)  # the first one stays under way


def test_a_row_that_is_refused_is_not_in_the_log(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """PostgreSQL tells of it with all its values: the session's token, the hash."""
    folder, url = ready(auth_email_verification=False)
    with running_server(folder, url) as server:
        browser = server.client()
        new = {"email": next(_people), "password": PASSWORD, "name": "Ada"}
        browser.post("/api/auth/sign-up/email", json=new)
        for table in ("auth_session", "auth_account"):
            execute(url, f"alter table {table} add check (false) not valid")
        answer = browser.post("/api/auth/sign-in/email", json=new)
        assert answer.status_code == 500
        assert answer.json() == {
            "message": "Internal Server Error",
            "code": "INTERNAL_SERVER_ERROR",
        }
        new["email"] = next(_people)
        assert browser.post("/api/auth/sign-up/email", json=new).status_code >= 400
        log = server.logged(until="violates check constraint")
    assert "Failing row" not in log
    assert not re.search(r"[0-9a-f]{32}:[0-9a-f]{128}", log)
    assert SECRET not in log
    assert all(line.startswith("{") for line in log.splitlines())
