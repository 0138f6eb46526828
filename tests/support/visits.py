"""Visits to the pages of a running project, as people make them in their browser."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import expect

from support.chromium import violations
from support.copier_cli import copy
from support.postgres import new_database
from support.projects import install_python_packages, set_env

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from copier_better_auth.catalogue.methods import SocialProvider
    from copier_better_auth.verification import Servers
    from playwright.sync_api import Browser, BrowserContext, Page

    from support.identity_providers import IdentityProviders

PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
# The narrowest that is still sold.
PHONE = {"width": 360, "height": 640}
# What a thumb hits: 44 CSS pixels, as WCAG's enhanced target size has it.
_SMALL_TARGETS = """
() => [...document.querySelectorAll("button, input, summary, p > a:only-child")]
  .filter((control) => control.checkVisibility() && control.type !== "hidden")
  .filter((control) => control.getBoundingClientRect().height < 44)
  .map((control) => control.outerHTML)
"""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A project with every method that runs, and what it runs with.

    ``front_end`` is an origin that both servers trust, and nothing is served at.
    """

    folder: Path
    servers: Servers
    providers: IdentityProviders
    database_url: str
    front_end: str


@dataclass(frozen=True, kw_only=True)
class Site:
    """Running servers, and visits to their page."""

    servers: Servers
    chromium: Browser

    def visitor(self, **options: object) -> Page:
        """Open the page in a browser that no one has used before."""
        page = self.browser(**options)
        page.goto(f"{self.servers.auth_url}/dev/")
        expect(page.locator("#me")).not_to_be_empty()
        return page

    def browser(self, **options: object) -> Page:
        """Return an empty page of a phone that no one has used before."""
        context: BrowserContext = self.chromium.new_context(
            viewport=PHONE,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        return context.new_page()

    def sign_up(self, page: Page) -> str:
        """Fill in the form; return the address."""
        email = f"{secrets.token_hex(6)}@example.com"
        form = page.locator("#sign-up")
        form.get_by_label("Name").fill("Ada Lovelace")
        form.get_by_label("E-mail").fill(email)
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Sign up").click()
        return email

    def confirmed(self, page: Page) -> str:
        """Sign up and follow the link; return the address."""
        email = self.sign_up(page)
        expect(
            page.get_by_text(f"Open the link in the mail to {email}")
        ).to_be_visible()
        page.goto(self.servers.printed_link(email))
        expect_signed_in(page, email)
        return email


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in the form with the keyboard alone."""
    expect(page.locator("#sign-in")).to_be_visible()
    page.locator("#sign-in").get_by_label("E-mail").focus()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def expect_signed_in(page: Page, email: str) -> None:
    """Both servers name the same person."""
    expect(page.locator("#user-email")).to_have_text(email)
    expect(page.locator("#me-status")).to_have_text("GET /auth/me: 200")
    assert json.loads(page.locator("#me").inner_text())["email"] == email


def expect_signed_out(page: Page) -> None:
    """Neither server knows a user."""
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("#signed-in")).to_be_hidden()
    expect(page.locator("#me-status")).to_have_text("GET /auth/me: 401")


def expect_accessible(page: Page) -> None:
    """axe-core has no complaint, by day and by night; all fits, and a thumb hits it."""
    expect_readable(page)
    assert page.evaluate(_SMALL_TARGETS) == []


def expect_readable(page: Page) -> None:
    """axe-core has no complaint, by day and by night, and nothing is past the edge.

    The size of what is pressed is the style's, which an example leaves to its user.
    """
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def expect_told(page: Page, text: str) -> None:
    """The page says it where a screen reader hears it."""
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


def expect_problem(page: Page, text: str) -> None:
    """The page says what is wrong, at once."""
    expect(page.get_by_role("alert").filter(has_text=text)).to_be_visible()


def consent_leads(
    page: Page, provider: SocialProvider, to: Callable[[str], str]
) -> None:
    """Stand in for the person at the provider's page: it leads on at once."""
    page.route(
        lambda url: urlsplit(url).hostname == provider.consent_host,
        lambda route, request: route.fulfill(
            status=302, headers={"Location": to(request.url)}
        ),
    )


def newer_link(servers: Servers, email: str, known: str) -> str:
    """Return the link that is printed after a known one."""
    for _ in range(200):
        if (link := servers.printed_link(email)) != known:
            return link
        time.sleep(0.05)
    message = f"no further link to {email}"
    raise AssertionError(message)


def prepared(template: Path, folder: Path, postgres: str, *answers: str) -> str:
    """Copy the template for its own database; return the database's URL."""
    options = [part for answer in answers for part in ("-d", answer)]
    local = ("-d", "auth_database_provider=local")
    result = copy(template, folder, *options, *local)
    assert result.returncode == 0, result.stderr
    url = new_database(postgres)
    set_env(folder / "auth-server", DATABASE_URL=url)
    install_python_packages(folder / "backend")
    return url
