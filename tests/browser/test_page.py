"""Every flow of the development page, in the browser, with both servers behind it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.catalogue.methods import SOCIAL_PROVIDERS
from playwright.sync_api import expect
from support.auth_server import build, migrate, running_server
from support.copier_cli import copy
from support.identity_providers import Person
from support.postgres import execute
from support.projects import journey_of, running_project, set_env
from support.visits import (
    PASSWORD,
    Site,
    consent_leads,
    expect_accessible,
    expect_problem,
    expect_signed_in,
    expect_signed_out,
    expect_told,
    newer_link,
    prepared,
    sign_in,
)

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.catalogue.methods import SocialProvider
    from playwright.sync_api import Browser
    from support.visits import Running


def test_sign_up_confirm_and_sign_out(site: Site) -> None:
    """The notice, a second mail, the link, both servers agree, and out again."""
    page = site.visitor()
    expect_signed_out(page)
    expect_accessible(page)
    email = site.sign_up(page)
    heading = page.get_by_role("heading", name="Confirm your address")
    expect(heading).to_be_focused()
    expect_accessible(page)
    page.get_by_role("button", name="Send the link again").click()
    expect_told(page, "A new link is on its way.")
    page.goto(site.servers.printed_link(email))
    expect_signed_in(page, email)
    expect_told(page, "Your e-mail address is confirmed.")
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


def test_every_control_is_reached_by_keyboard(site: Site) -> None:
    """In the order in which they are read, and one sees which one it is."""
    page = site.visitor()
    for expected in ("Sign up", "Delete the account"):
        if expected != "Sign up":
            site.confirmed(page)
        page.evaluate("document.activeElement.blur()")
        controls: list[str] = page.evaluate(
            """() => [...document.querySelectorAll("input, button, pre")]
              .filter((control) => control.checkVisibility())
              .map((control) => control.outerHTML)"""
        )
        assert any(expected in control for control in controls)
        reached: list[str] = []
        for _ in controls:
            page.keyboard.press("Tab")
            text, ring = page.evaluate(
                """() => [document.activeElement.outerHTML,
                  getComputedStyle(document.activeElement).outlineStyle]"""
            )
            reached.append(text)
            assert ring == "solid", text
        assert reached == controls


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
    expect_problem(other, "This link does not count any more")
    expect_accessible(other)
    assert "error" not in other.url


@pytest.mark.parametrize("provider", SOCIAL_PROVIDERS, ids=lambda p: p.name)
def test_a_provider_signs_in(
    site: Site, running: Running, provider: SocialProvider
) -> None:
    """Out to the provider's page and back, signed in; cancelled, back with a word."""
    person = Person(email=f"{secrets.token_hex(6)}@example.com")
    button = f"Continue with {provider.choice}"
    refused = site.visitor()
    consent_leads(refused, provider, running.providers.cancel)
    refused.get_by_role("button", name=button).click()
    expect_problem(refused, "You said no at the provider, or left its page.")
    assert "error" not in refused.url
    expect_accessible(refused)
    agreed = site.visitor()
    consent_leads(agreed, provider, lambda url: running.providers.consent(url, person))
    agreed.get_by_role("button", name=button).click()
    expect_signed_in(agreed, person.email)


def test_a_forgotten_password_without_a_script(site: Site) -> None:
    """Asked for here, chosen on the server's own page; the token goes nowhere else."""
    page = site.visitor()
    email = site.confirmed(page)
    confirmation = site.servers.printed_link(email)
    page.get_by_role("button", name="Sign out").click()
    expect_signed_out(page)
    page.locator("#sign-in").get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Forgot the password?").click()
    expect_told(page, f"the mail to {email}")
    form, asked = site.browser(java_script_enabled=False), list[dict[str, str]]()
    form.on("request", lambda request: asked.append(request.headers))
    form.route("http://localhost:3000/**", lambda route: route.fulfill(body="home"))
    form.goto(newer_link(site.servers, email, confirmation))
    form.get_by_label("New password").fill("an even longer password")
    form.get_by_role("button", name="Change the password").click()
    heading = form.get_by_role("heading", name="Your password is changed")
    expect(heading).to_be_visible()
    # In development this leads on even where there is no front end yet.
    home = site.servers.auth_url.removeprefix("http://")
    assert form.get_by_role("link", name=f"Go to {home}/dev").is_visible()
    form.get_by_role("link", name="Go to localhost:3000").click()
    expect(form.get_by_text("home")).to_be_visible()
    assert len(asked) >= 4
    page.locator("#sign-in").get_by_label("E-mail").fill("")
    assert [headers["referer"] for headers in asked if "referer" in headers] == []
    sign_in(page, email, "an even longer password")
    expect_signed_in(page, email)


def test_the_server_s_own_pages_are_accessible(site: Site) -> None:
    """For every user who is sent there, in whatever browser they have."""
    page = site.browser()
    for path in (
        "",
        "?done=confirmed",
        "api/auth/error?error=access_denied",
        "api/auth/new-password?token=abc",
    ):
        page.goto(f"{site.servers.auth_url}/{path}")
        # axe-core is a script, which the page's own policy would not let in.
        text = page.content()
        shown = site.browser()
        shown.set_content(text)
        expect(shown.get_by_role("heading", level=1)).to_be_visible()
        expect_accessible(shown)


def test_an_account_is_moved_and_deleted(site: Site) -> None:
    """A name, a password, an address, the account: each change ends what it must."""
    page = site.visitor()
    email, new = site.confirmed(page), f"{secrets.token_hex(6)}@example.com"
    expect_accessible(page)
    name = page.locator("#signed-in").get_by_label("Name")
    expect(name).to_have_value("Ada Lovelace")
    name.fill("Ada King")
    page.get_by_role("button", name="Change the name").click()
    expect_told(page, "The name is changed.")
    expect(page.locator("#user-name")).to_have_text("Ada King")
    expect(page.locator("#me")).to_contain_text("Ada King")
    changed = "an even longer password"
    form = page.locator("#change-password")
    form.get_by_label("Present password").fill("not the password")
    form.get_by_label("New password").fill(changed)
    page.get_by_role("button", name="Change the password").click()
    expect_problem(page, "Invalid password")
    form.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect_told(page, "Other sessions have")
    known = site.servers.printed_link(email)
    page.get_by_label("New e-mail").fill(new)
    page.get_by_role("button", name="Change the address").click()
    expect_told(page, f"the mail to {email}, then the one to {new}")
    page.goto(newer_link(site.servers, email, known))
    expect_signed_in(page, email)
    expect_told(page, "That is confirmed.")
    page.goto(site.servers.printed_link(new))
    expect_signed_out(page)
    expect_told(page, "sign in with the new address")
    sign_in(page, new, changed)
    expect_signed_in(page, new)
    known = site.servers.printed_link(new)
    page.get_by_role("button", name="Delete the account").click()
    expect_told(page, f"the mail to {new}")
    expect_accessible(page)
    page.goto(newer_link(site.servers, new, known))
    expect_signed_out(page)
    expect_told(page, "The account is deleted.")
    sign_in(page, new, changed)
    expect_problem(page, "Invalid email or password")


def test_all_other_sessions_end_at_once(site: Site) -> None:
    """The button is there where there are others, and leaves this one."""
    here = site.visitor()
    email = site.confirmed(here)
    end = here.get_by_role("button", name="End all other sessions")
    expect(end).to_be_hidden()
    others = [site.visitor() for _ in range(2)]
    for other in others:
        sign_in(other, email)
        expect_signed_in(other, email)
    here.reload()
    expect(here.locator("#sessions li")).to_have_count(3)
    end.click()
    expect_told(here, "All other sessions have ended.")
    expect(here.locator("#sessions li")).to_have_count(1)
    expect(end).to_be_hidden()
    for other in others:
        other.reload()
        expect_signed_out(other)


def test_a_session_of_yesterday_is_shown_as_far_as_it_may(
    site: Site, running: Running
) -> None:
    """better-auth lists them for a new session only: that is said, the rest works."""
    page = site.visitor()
    email = site.confirmed(page)
    execute(
        running.database_url,
        f"""update auth_session set created_at = now() - interval '2 days'
            from auth_user where user_id = auth_user.id and email = '{email}'""",  # noqa: S608 - made here
    )
    page.reload()
    expect_signed_in(page, email)
    expect_problem(page, "This needs a new session: sign out and in again first.")
    page.get_by_role("button", name="Sign out").click()
    expect_signed_out(page)


def test_what_went_wrong_is_said_in_words(site: Site) -> None:
    """Too many attempts, a server without its database, none at all, no password."""
    page = site.visitor()
    email = site.confirmed(page)
    page.get_by_role("button", name="Sign out").click()
    expect_signed_out(page)
    too_many = {"message": "Too many requests. Please try again later."}
    answers = (
        ({"status": 429, "headers": {"X-Retry-After": "7"}, "json": too_many}, "7 sec"),
        ({"status": 503, "json": {"message": "Service Unavailable"}}, "just now"),
        ({"status": 502, "body": "<html>"}, "cannot do that just now"),
        (None, "The auth server does not answer."),
    )
    for answer, words in answers:
        # As the network would have it.
        page.route(
            "**/api/auth/sign-in/email",
            lambda route, *, given=answer: (
                route.abort() if given is None else route.fulfill(**given)
            ),
        )
        page.locator("#sign-in").get_by_label("E-mail").fill("")
        page.locator("#sign-in").get_by_label("Password").fill("")
        sign_in(page, email)
        expect_problem(page, words)
        expect(page.locator("#sign-in")).not_to_have_attribute("aria-busy", "true")
        page.unroute_all()
    expect_accessible(page)
    page.route("**/api/auth/**", lambda route: route.abort())
    page.reload()
    expect_problem(page, "The auth server does not answer.")


def test_a_user_without_a_password_is_told_how_to_get_one(site: Site) -> None:
    """Signed up by a mailed link, they have none to change."""
    page = site.visitor()
    email = f"{secrets.token_hex(6)}@example.com"
    page.locator("#magic-link").get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send me a link").click()
    expect_told(page, f"the mail to {email}")
    page.goto(site.servers.printed_link(email))
    expect_signed_in(page, email)
    page.get_by_label("Present password").fill(PASSWORD)
    page.locator("#change-password").get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect_problem(page, "This account has no password yet")


@pytest.mark.parametrize(
    "query",
    [
        "error=<img src=x onerror=alert(1)>",
        "error=Your account is locked. Call us.",
        "error=constructor",
        "error=__proto__&error_description=Call us",
        "done=constructor",
        "done=__proto__",
        "done=Call us",
    ],
)
def test_an_address_puts_no_words_into_the_page(site: Site, query: str) -> None:
    """Of a code that is not known nothing is shown, as text or otherwise."""
    page = site.browser()
    page.goto(f"{site.servers.auth_url}/dev/?{query}")
    expect(page.locator("#me")).not_to_be_empty()
    if query.startswith("error"):
        expect_problem(page, "That did not work. Please begin again.")
    for name in ("status", "problem"):
        said = page.locator(f"#{name}").inner_text()
        assert said in {"", "That did not work. Please begin again."}
    assert "?" not in page.url
    assert "Call us" not in page.content()


def test_password_managers_know_each_field(site: Site) -> None:
    """Whose password it is, whether it is new, and a label for each."""
    page = site.visitor()
    known: dict[str, list[str]] = page.evaluate(
        """() => Object.fromEntries([...document.forms].map((form) => [
          form.dataset.call,
          [...form.querySelectorAll("input")].map((field) => field.autocomplete),
        ]))"""
    )
    assert known == {
        "sign-in/email": ["username", "current-password"],
        "sign-in/magic-link": ["username"],
        "sign-in/social": [],
        "sign-up/email": ["name", "username", "new-password"],
        "update-user": ["name"],
        "change-password": ["username", "current-password", "new-password"],
        "change-email": ["email"],
    }
    email = site.confirmed(page)
    assert page.locator("#account-name").input_value() == email
    cookies = page.context.cookies()
    (token,) = [c["value"] for c in cookies if c["name"].endswith("session_token")]  # type: ignore[typeddict-item]
    assert token.partition(".")[0] not in page.content()


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
            for path in ("/dev", "/dev/", "/dev/me", "/dev/page.js", "/dev/base.css"):
                assert running.client().get(path).status_code == 404
            assert "/dev" not in running.client().get("/").text
