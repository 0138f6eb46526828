"""Every flow of the development page, in the browser, with both servers behind it."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from copier_better_auth.catalogue.methods import SOCIAL_PROVIDERS
from playwright.sync_api import expect
from support.auth_server import build, migrate, running_server
from support.chromium import violations
from support.copier_cli import copy
from support.identity_providers import (
    PRELOAD,
    IdentityProviders,
    Person,
    running_identity_providers,
)
from support.postgres import execute
from support.projects import (
    install_python_packages,
    journey_of,
    running_project,
    set_env,
)
from support.sign_in_methods import EVERY_METHOD, SOCIAL, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from copier_better_auth.catalogue.methods import SocialProvider
    from copier_better_auth.verification import Servers
    from playwright.sync_api import Browser, BrowserContext, Page

PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here
PHONE = {"width": 375, "height": 667}


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running project, and visits to its page."""

    servers: Servers
    chromium: Browser
    providers: IdentityProviders | None = None

    def visitor(self, **options: object) -> Page:
        """Open the page in a browser that no one has used before."""
        context: BrowserContext = self.chromium.new_context(
            viewport=PHONE,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(f"{self.servers.auth_url}/dev/")
        expect(page.locator("#me")).not_to_be_empty()
        return page

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
    """axe-core has no complaint, by day and by night, and nothing is cut off."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project with every method is."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def site(
    template: Path, postgres: str, chromium: Browser, folder: Path
) -> Iterator[Site]:
    """A project with every method, its mail printed, its providers on loopback."""
    answers = (EVERY_METHOD,)
    with pytest.MonkeyPatch.context() as patch, running_identity_providers() as them:
        patch.setenv("NODE_OPTIONS", f"--import {PRELOAD}")
        patch.setenv("IDENTITY_PROVIDERS", them.url)
        prepared(template, folder, postgres, *answers)
        set_env(folder / "auth-server", **credentials(*SOCIAL))
        with running_project(folder) as servers:
            yield Site(servers=servers, chromium=chromium, providers=them)


def prepared(template: Path, folder: Path, postgres: str, *answers: str) -> str:
    """Copy the template for its own database; return the database's URL."""
    options = [part for answer in answers for part in ("-d", answer)]
    local = ("-d", "auth_database_provider=local")
    result = copy(template, folder, *options, *local)
    assert result.returncode == 0, result.stderr
    name = f"t_{secrets.token_hex(6)}"
    execute(f"{postgres}/postgres", f"create database {name}")
    set_env(folder / "auth-server", DATABASE_URL=f"{postgres}/{name}")
    install_python_packages(folder / "backend")
    return f"{postgres}/{name}"


def test_sign_up_confirm_and_sign_out(site: Site) -> None:
    """The notice, a second mail, the link, both servers agree, and out again."""
    page = site.visitor()
    expect_signed_out(page)
    expect_accessible(page)
    email = site.sign_up(page)
    heading = page.get_by_role("heading", name="Confirm your address")
    expect(heading).to_be_focused()
    expect_accessible(page)
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("status").first).to_have_text("A new link is on its way.")
    page.goto(site.servers.printed_link(email))
    expect_signed_in(page, email)
    expect_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    expect_signed_out(page)
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.locator("#sign-in-title")).to_be_focused()


def test_sign_in_by_keyboard(site: Site) -> None:
    """A wrong password is told, an unconfirmed address led to its notice."""
    page = site.visitor()
    email = site.confirmed(page)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, email, "not the password")
    expect(page.get_by_role("alert")).to_have_text("Invalid email or password")
    expect_accessible(page)
    page.locator("#sign-in").get_by_label("E-mail").fill("")
    page.locator("#sign-in").get_by_label("Password").fill("")
    sign_in(page, email)
    expect_signed_in(page, email)

    other = site.visitor()
    unconfirmed = site.sign_up(other)
    other.get_by_role("button", name="Back to sign-in").click()
    sign_in(other, unconfirmed)
    expect(other.locator("#unconfirmed-email")).to_have_text(unconfirmed)


def test_sessions_are_listed_and_revoked(site: Site) -> None:
    """Two browsers, two sessions; the one that is revoked is out at both servers."""
    here, there = site.visitor(), site.visitor()
    email = site.confirmed(here)
    sign_in(there, email)
    expect_signed_in(there, email)
    here.reload()
    sessions = here.locator("#sessions li")
    expect(sessions).to_have_count(2)
    expect_accessible(here)
    here.get_by_role("button", name="Revoke the session since").click()
    expect(sessions).to_have_count(1)
    expect(sessions.first).to_contain_text("This session")
    there.get_by_role("button", name="Ask again").click()
    expect(there.locator("#me-status")).to_have_text("GET /auth/me: 401")
    there.reload()
    expect_signed_out(there)
    here.reload()
    expect_signed_in(here, email)


def test_a_magic_link_signs_in_once(site: Site) -> None:
    """The second visit of the link says so."""
    page = site.visitor()
    email = f"{secrets.token_hex(6)}@example.com"
    form = page.locator("#magic-link")
    form.get_by_label("E-mail").fill(email)
    form.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_text(f"Open the link in the mail to {email}")).to_be_visible()
    link = site.servers.printed_link(email)
    page.goto(link)
    expect_signed_in(page, email)
    other = site.visitor()
    other.goto(link)
    expect(other.get_by_role("alert")).to_have_text("That did not work: invalid token.")
    assert "error" not in other.url


@pytest.mark.parametrize("provider", SOCIAL_PROVIDERS, ids=lambda p: p.name)
def test_a_provider_signs_in(site: Site, provider: SocialProvider) -> None:
    """Out to the provider's page and back, signed in; cancelled, back with a word."""
    providers = site.providers
    assert providers is not None
    person = Person(email=f"{secrets.token_hex(6)}@example.com")
    destinations = [providers.cancel, lambda url: providers.consent(url, person)]
    for leads_to in destinations:
        page = site.visitor()
        page.route(
            lambda url: urlsplit(url).hostname == provider.consent_host,
            lambda route, request, to=leads_to: route.fulfill(
                status=302, headers={"Location": to(request.url)}
            ),
        )
        page.get_by_role("button", name=f"Continue with {provider.choice}").click()
        if leads_to == providers.cancel:
            said = "That did not work: access denied."
            expect(page.get_by_role("alert")).to_have_text(said)
        else:
            expect_signed_in(page, person.email)


def test_a_forgotten_password_without_a_script(site: Site) -> None:
    """Asked for here, chosen on the server's own page; the token goes nowhere else."""
    page = site.visitor()
    email = site.confirmed(page)
    confirmation = site.servers.printed_link(email)
    page.get_by_role("button", name="Sign out").click()
    expect_signed_out(page)
    page.locator("#sign-in").get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Forgot the password?").click()
    expect(page.get_by_role("status").first).to_contain_text(f"the mail to {email}")
    plain = site.chromium.new_context(viewport=PHONE, java_script_enabled=False)
    form, asked = plain.new_page(), list[dict[str, str]]()
    form.on("request", lambda request: asked.append(request.headers))
    form.route("http://localhost:3000/**", lambda route: route.fulfill(body="home"))
    form.goto(newer_link(site, email, confirmation))
    form.get_by_label("New password").fill("an even longer password")
    form.get_by_role("button", name="Change the password").click()
    heading = form.get_by_role("heading", name="Your password is changed")
    expect(heading).to_be_visible()
    form.get_by_role("link", name="Go to localhost:3000").click()
    expect(form.get_by_text("home")).to_be_visible()
    assert len(asked) >= 4
    page.locator("#sign-in").get_by_label("E-mail").fill("")
    assert [headers["referer"] for headers in asked if "referer" in headers] == []
    sign_in(page, email, "an even longer password")
    expect_signed_in(page, email)


def newer_link(site: Site, email: str, known: str) -> str:
    """Return the link that is printed after a known one."""
    for _ in range(200):
        if (link := site.servers.printed_link(email)) != known:
            return link
        time.sleep(0.05)
    message = f"no further link to {email}"
    raise AssertionError(message)


def test_the_server_s_own_pages_are_accessible(site: Site) -> None:
    """For every user who is sent there, in whatever browser they have."""
    page = site.chromium.new_context(viewport=PHONE).new_page()
    for path in ("", "api/auth/error?error=access_denied", "api/auth/new-password"):
        page.goto(f"{site.servers.auth_url}/{path}?token=abc")
        # axe-core is a script, which the page's own policy would not let in.
        text = page.content()
        shown = site.chromium.new_context(viewport=PHONE).new_page()
        shown.set_content(text)
        expect(shown.get_by_role("heading", level=1)).to_be_visible()
        expect_accessible(shown)


def test_an_account_is_moved_and_deleted(site: Site) -> None:
    """A password, an address, the account: each change ends what it must."""
    page = site.visitor()
    email, new = site.confirmed(page), f"{secrets.token_hex(6)}@example.com"
    expect_accessible(page)
    changed = "an even longer password"
    page.get_by_label("Present password").fill(PASSWORD)
    page.locator("#change-password").get_by_label("New password").fill(changed)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status").first).to_contain_text("Other sessions have")
    known = site.servers.printed_link(email)
    page.get_by_label("New e-mail").fill(new)
    page.get_by_role("button", name="Change the address").click()
    expect(page.get_by_role("status").first).to_contain_text(f"the one to {new}")
    page.goto(newer_link(site, email, known))
    expect_signed_in(page, email)
    page.goto(site.servers.printed_link(new))
    expect_signed_out(page)
    sign_in(page, new, changed)
    expect_signed_in(page, new)
    known = site.servers.printed_link(new)
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_role("status").first).to_contain_text(f"the mail to {new}")
    page.goto(newer_link(site, new, known))
    expect_signed_out(page)
    sign_in(page, new, changed)
    expect(page.get_by_role("alert")).to_have_text("Invalid email or password")


def test_the_policy_lets_nothing_inline_run(site: Site) -> None:
    """What the page has is allowed; what an attacker slipped in is not."""
    said: list[str] = []
    context = site.chromium.new_context()
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site.servers.auth_url}/dev/")
    expect(page.locator("#me")).not_to_be_empty()
    # The 401 of a user who has not signed in yet is FastAPI's right answer.
    assert [text for text in said if "401" not in text] == []
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.append("document.title = 'slipped in'");
          document.body.append(script);
          document.body.setAttribute("style", "color: red");
        }"""
    )
    assert page.title() == "Try signing in"
    assert any("Content Security Policy" in text for text in said)
    colour = page.evaluate("getComputedStyle(document.body).color")
    assert colour != "rgb(255, 0, 0)"


def test_another_name_of_this_machine_leads_to_the_right_one(site: Site) -> None:
    """better-auth trusts one origin, so the page is only shown there."""
    page = site.chromium.new_context().new_page()
    page.goto(f"{site.servers.auth_url.replace('localhost', '127.0.0.1')}/dev")
    assert page.url == f"{site.servers.auth_url}/dev/"


def test_tokens_without_confirmation(
    template: Path, postgres: str, chromium: Browser, tmp_path: Path
) -> None:
    """With jwt the page shows FastAPI a token; unconfirmed, one is in at once."""
    answers = ("auth_session_validation=jwt", "auth_email_verification=false")
    prepared(template, tmp_path, postgres, *answers)
    page_folder = tmp_path / "auth-server/dev/page"
    text = "".join(file.read_text() for file in page_folder.iterdir())
    for absent in ("magic", "provider", "unconfirmed", "Google"):
        assert absent not in text
    with running_project(tmp_path) as servers:
        site = Site(servers=servers, chromium=chromium)
        page = site.visitor()
        shown: list[str] = []
        page.on(
            "request",
            lambda request: shown.append(request.headers.get("authorization", "")),
        )
        email = site.sign_up(page)
        expect_signed_in(page, email)
        expect_accessible(page)
        assert [len(token.split(".")) for token in shown if token] == [3]
        page.get_by_role("button", name="Sign out").click()
        expect_signed_out(page)


def test_a_provider_without_credentials(
    template: Path, postgres: str, chromium: Browser, tmp_path: Path
) -> None:
    """It is off and says how to be on; everything else runs, and verify agrees."""
    answers = ("auth_methods=[email_password, google, github]",)
    prepared(template, tmp_path, postgres, *answers)
    complete = {"GITHUB_CLIENT_ID": "id", "GITHUB_CLIENT_SECRET": "no secret"}
    set_env(tmp_path / "auth-server", GOOGLE_CLIENT_ID="half", **complete)
    with running_project(tmp_path) as servers:
        site = Site(servers=servers, chromium=chromium)
        page = site.visitor()
        google = page.get_by_role("button", name="Continue with Google")
        expect(google).to_be_disabled()
        expect(page.get_by_role("button", name="Continue with GitHub")).to_be_enabled()
        hint = page.locator("[data-off=google]")
        for told in (
            "GOOGLE_CLIENT_SECRET",
            f"{servers.auth_url}/api/auth/callback/google",
        ):
            expect(hint).to_contain_text(told)
        expect(page.locator("[data-off=github]")).to_be_hidden()
        expect_accessible(page)
        printed = servers.log.read_text()
        assert "Signing in with google is off until .env has GOOGLE_CLIENT" in printed
        assert "with github is off" not in printed
        journey = journey_of(servers, "", "email_password", "google", "github")
        steps = [*journey.steps(), *journey.removal()]
        assert all(step.ok for step in steps), steps[-1]
        seen = {step.name: step.detail for step in steps}
        assert seen["sign-in leads to Google"].startswith("off, until")
        assert seen["sign-in leads to GitHub"] == "github.com"


def test_production_has_no_page(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """Neither in what is built, nor where a user starts the entry of development."""
    assert copy(template, tmp_path, "--skip-tasks").returncode == 0
    server = tmp_path / "auth-server"
    build(server)
    names = {file.name for file in (server / "dev").rglob("*")}
    assert {"page.js", "index.html"} <= names
    assert not [file for file in (server / "dist").rglob("*") if file.name in names]
    assert "/dev" not in (server / "dist/app.js").read_text()
    migrate(server, database_url)
    for command in (
        ("node", "dist/server.js"),
        ("node", "--import", "tsx", "dev/server.ts"),
    ):
        with running_server(server, database_url, command=command) as running:
            for path in ("/dev", "/dev/", "/dev/me", "/dev/page.js"):
                assert running.client().get(path).status_code == 404
