"""The React example, as it is rendered, in a front end at another origin."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.catalogue.methods import SOCIAL_PROVIDERS
from playwright.sync_api import expect
from support.identity_providers import Person
from support.react_app import running_react_app
from support.visits import (
    PASSWORD,
    consent_leads,
    expect_problem,
    expect_readable,
    expect_told,
    newer_link,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from support.visits import Running, Site

    Visit = Callable[[], Page]


@pytest.fixture(scope="module")
def app(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The example, built and served at the origin that the servers trust."""
    example = running.folder / "auth-server/docs/front-end"
    folder: Path = tmp_path_factory.mktemp("front-end") / "app"
    with running_react_app(example, folder, running.servers, running.front_end):
        yield


@pytest.fixture
def visit(site: Site, running: Running, app: None) -> Visit:
    """Open the example in a browser that no one has used before."""
    del app

    def visited() -> Page:
        page = site.browser()
        page.goto(running.front_end)
        return page

    return visited


def section(page: Page, heading: str) -> Locator:
    """Return the part of the page below a heading."""
    title = page.get_by_role("heading", name=heading, exact=True)
    return page.locator("section").filter(has=title)


def sign_up(page: Page) -> str:
    """Fill in the form; return the address."""
    email = f"{secrets.token_hex(6)}@example.com"
    form = section(page, "Create an account")
    form.get_by_label("Name").fill("Ada Lovelace")
    form.get_by_label("E-mail").fill(email)
    form.get_by_label("New password").fill(PASSWORD)
    form.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text(f"Open the link in the mail to {email}.")).to_be_visible()
    return email


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the form."""
    form = section(page, "Sign in")
    form.get_by_label("E-mail").fill(email)
    form.get_by_label("Password").fill(password)
    form.get_by_role("button", name="Sign in").click()


def expect_signed_in(page: Page, email: str) -> None:
    """FastAPI knows the user, too."""
    expect(page.get_by_text(f"known to FastAPI as {email}")).to_be_visible()


def member(page: Page, running: Running) -> str:
    """Sign up, follow the link; return the address."""
    email = sign_up(page)
    page.goto(running.servers.printed_link(email))
    expect_signed_in(page, email)
    return email


def test_an_account_from_sign_up_to_its_end(visit: Visit, running: Running) -> None:
    """Confirmed by mail, renamed, given another password and address, deleted."""
    page = visit()
    expect_readable(page)
    email = sign_up(page)
    page.get_by_role("button", name="Send the link again").click()
    expect_told(page, "A new link is on its way.")
    expect_readable(page)
    page.goto(running.servers.printed_link(email))
    expect_signed_in(page, email)
    expect_told(page, "Your e-mail address is confirmed.")
    expect_readable(page)

    page.get_by_label("Name").fill("Ada King")
    page.get_by_role("button", name="Change the name").click()
    expect_told(page, "The name is changed.")
    expect(page.get_by_role("heading", name="Ada King")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ada King")

    changed = "an even longer password"
    for present, say, words in (
        ("not the password", expect_problem, "Invalid password"),
        (PASSWORD, expect_told, "Other sessions have ended."),
    ):
        page.get_by_label("Present password").fill(present)
        page.get_by_label("New password").fill(changed)
        page.get_by_role("button", name="Change the password").click()
        say(page, words)

    new = f"{secrets.token_hex(6)}@example.com"
    known = running.servers.printed_link(email)
    page.get_by_label("New e-mail").fill(new)
    page.get_by_role("button", name="Change the address").click()
    expect_told(page, f"the mail to {email}, then the one to {new}")
    page.goto(newer_link(running.servers, email, known))
    expect_told(page, "That is confirmed.")
    page.goto(running.servers.printed_link(new))
    sign_in(page, new, changed)
    expect_signed_in(page, new)

    known = running.servers.printed_link(new)
    page.get_by_role("button", name="Delete the account").click()
    expect_told(page, f"the mail to {new} in this browser")
    page.goto(newer_link(running.servers, new, known))
    expect_told(page, "Your account is deleted.")
    sign_in(page, new, changed)
    expect_problem(page, "Invalid email or password")


def test_an_address_that_is_not_confirmed(visit: Visit, running: Running) -> None:
    """Signing in leads to what is to be done, and from there back."""
    page = visit()
    email = sign_up(page)
    page.get_by_role("button", name="Back to sign-in").click()
    known = running.servers.printed_link(email)
    sign_in(page, email)
    expect(section(page, "Confirm your address")).to_contain_text(email)
    # It was mailed again, and its page says what it has done.
    page.goto(newer_link(running.servers, email, known))
    confirmed = page.get_by_role("heading", name="Your e-mail address is confirmed")
    expect(confirmed).to_be_visible()


def test_a_forgotten_password(visit: Visit, running: Running) -> None:
    """The link leads to a form in the front end itself; used again, it says so."""
    page = visit()
    email = member(page, running)
    page.get_by_role("button", name="Sign out").click()
    known = running.servers.printed_link(email)
    form = section(page, "Forgotten password")
    form.get_by_label("E-mail").fill(email)
    form.get_by_role("button", name="Send me a link").click()
    expect_told(page, f"the mail to {email}")
    link = newer_link(running.servers, email, known)
    page.goto(link)
    expect_readable(page)
    page.get_by_label("New password").fill("an even longer password")
    page.get_by_role("button", name="Change the password").click()
    sign_in(page, email, "an even longer password")
    expect_signed_in(page, email)
    other = visit()
    other.goto(link)
    expect_problem(other, "This link does not count any more")


def test_a_link_signs_in_once(visit: Visit, running: Running) -> None:
    """The second time it is void, in words."""
    page, other = visit(), visit()
    email = f"{secrets.token_hex(6)}@example.com"
    form = section(page, "Sign in by a link")
    form.get_by_label("E-mail").fill(email)
    form.get_by_role("button", name="Mail me a link").click()
    expect_told(page, f"Open the link in the mail to {email}.")
    link = running.servers.printed_link(email)
    page.goto(link)
    expect_signed_in(page, email)
    other.goto(link)
    expect_problem(other, "This link does not count any more")


def test_a_mailed_link_that_failed(visit: Visit, running: Running) -> None:
    """A signed-in user is told why, and not that it is done."""
    page = visit()
    email = member(page, running)
    page.goto(f"{running.front_end}?done=moved&error=TOKEN_EXPIRED")
    expect_signed_in(page, email)
    expect_problem(page, "This link is too old")
    expect(page.get_by_text("That is confirmed.")).to_have_count(0)


def test_a_provider(visit: Visit, running: Running) -> None:
    """Cancelled, back in words; agreed to, signed in."""
    provider = SOCIAL_PROVIDERS[0]
    person = Person(email=f"{secrets.token_hex(6)}@example.com")
    button = f"Continue with {provider.choice}"
    refused, agreed = visit(), visit()
    consent_leads(refused, provider, running.providers.cancel)
    refused.get_by_role("button", name=button).click()
    expect_problem(refused, "You said no at the provider")
    expect_readable(refused)
    consent_leads(agreed, provider, lambda url: running.providers.consent(url, person))
    agreed.get_by_role("button", name=button).click()
    expect_signed_in(agreed, person.email)


def test_sessions_end_one_by_one_and_all_at_once(
    visit: Visit, running: Running
) -> None:
    """What was ended elsewhere is signed out there."""
    here, *others = (visit() for _ in range(4))
    email = member(here, running)
    for other in others:
        sign_in(other, email)
        expect_signed_in(other, email)
    here.reload()
    sessions = section(here, "Sessions")
    expect(sessions).to_contain_text("This session, and 3 more")
    sessions.get_by_role("button", name="End this session").first.click()
    expect(sessions).to_contain_text("This session, and 2 more")
    sessions.get_by_role("button", name="End all other sessions").click()
    expect(sessions.get_by_role("button")).to_have_count(0)
    for other in others:
        other.reload()
        expect(section(other, "Sign in")).to_be_visible()
    here.reload()
    expect_signed_in(here, email)


def test_problems_are_said_in_words(visit: Visit) -> None:
    """A server that is not there, does not answer, or has had enough."""
    page = visit()
    answers = (
        ({"status": 429, "json": {"message": "Too many requests."}}, "Too many"),
        ({"status": 503, "json": {"message": "Service Unavailable"}}, "just now"),
        (None, "The server does not answer."),
    )
    for answer, words in answers:
        page.route(
            "**/api/auth/sign-in/email",
            lambda route, *, given=answer: (
                route.abort() if given is None else route.fulfill(**given)
            ),
        )
        sign_in(page, "ada@example.com")
        expect_problem(page, words)
        page.unroute_all()
    page.route("**/api/auth/get-session", lambda route: route.abort())
    page.reload()
    expect_problem(page, "The server does not answer.")
