"""Where browsers send the session cookie, and that BA004 says the same beforehand."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from support.auth_server import build, migrate, running_server
from support.chromium import launch_profile
from support.copier_cli import copy
from support.postgres import execute, free_port
from support.projects import set_env
from support.seeded import results
from support.sites import hosts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Playwright

# What "Block third-party cookies" in Chromium's settings sets: off as Google ships it,
# on in Debian's package.
BLOCK_THIRD_PARTY = {False: 0, True: 1}
_SIGN_UP = """
async ([base, email]) => {
  const send = (url, body) => fetch(url, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const person = { email, password: "correct horse battery", name: "Ada" };
  const answer = await send(`${base}/api/auth/sign-up/email`, person);
  return answer.status;
}
"""
_ASK = """
async (url) => (await fetch(url, { credentials: "include" })).json()
"""


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Hosts, settings, and in which browsers a person stays signed in."""

    page: str
    auth: str
    settings: Mapping[str, str]
    usual: bool
    blocking: bool
    api: bool
    # What BA004 says: nothing, that some browsers refuse, or that all do.
    said: str


ARRANGEMENTS = {
    "same origin, by a rewrite": Arrangement(
        page="app.example.com",
        auth="app.example.com",
        settings={},
        usual=True,
        blocking=True,
        api=False,
        said="pass",
    ),
    "same site": Arrangement(
        page="app.example.com",
        auth="auth.example.com",
        settings={},
        usual=True,
        blocking=True,
        api=False,
        said="pass",
    ),
    "same site, shared with the API": Arrangement(
        page="app.example.com",
        auth="auth.example.com",
        settings={"COOKIE_DOMAIN": "example.com"},
        usual=True,
        blocking=True,
        api=True,
        said="pass",
    ),
    "another site": Arrangement(
        page="app.example.net",
        auth="auth.example.com",
        settings={},
        usual=False,
        blocking=False,
        api=False,
        said="fail",
    ),
    "two names of one platform": Arrangement(
        page="app-a1.vercel.app",
        auth="auth-b2.vercel.app",
        settings={},
        usual=False,
        blocking=False,
        api=False,
        said="fail",
    ),
    "another site, SameSite=None": Arrangement(
        page="app.example.net",
        auth="auth.example.com",
        settings={"CROSS_SITE_COOKIES": "true"},
        usual=True,
        blocking=False,
        api=False,
        said="warn",
    ),
}


@pytest.fixture(scope="module")
def browsers(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[bool, BrowserContext]]:
    """A Chromium that lets third-party cookies be, and one that blocks them."""
    profiles = tmp_path_factory.mktemp("profiles")
    rules = "--host-resolver-rules=MAP * 127.0.0.1"
    both = {
        blocks: launch_profile(
            playwright, profiles / str(mode), rules, cookie_controls_mode=mode
        )
        for blocks, mode in BLOCK_THIRD_PARTY.items()
    }
    yield both
    for browser in both.values():
        browser.close()


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for deployment, its auth server compiled."""
    folder = tmp_path_factory.mktemp("cookies")
    answers = ("auth_deployment=docker", "auth_email_verification=false")
    options = [part for answer in answers for part in ("-d", answer)]
    result = copy(template, folder, *options, "-d", "auth_database_provider=local")
    assert result.returncode == 0, result.stderr
    build(folder / "auth-server")
    return folder


@pytest.mark.parametrize("arrangement", ARRANGEMENTS.values(), ids=ARRANGEMENTS.keys())
def test_browsers_and_ba004_agree(
    project: Path,
    browsers: dict[bool, BrowserContext],
    database_url: str,
    tmp_path: Path,
    arrangement: Arrangement,
) -> None:
    """A person who has signed up is known at the next request, or is not."""
    server, port, auth_port = project / "auth-server", free_port(), free_port()
    page, auth = (f"https://{h}:{port}" for h in (arrangement.page, arrangement.auth))
    settings = {"BETTER_AUTH_URL": auth, "CORS_ORIGINS": page, **arrangement.settings}
    migrate(server, database_url)
    with contextlib.ExitStack() as stack:
        stack.enter_context(
            hosts(
                tmp_path,
                port,
                auth_port=auth_port,
                auth_host=arrangement.auth,
                page_host=arrangement.page,
            )
        )
        stack.enter_context(
            running_server(server, database_url, port=auth_port, **settings)
        )
        for blocks, expected in (
            (False, arrangement.usual),
            (True, arrangement.blocking),
        ):
            browsers[blocks].clear_cookies()
            tab = browsers[blocks].new_page()
            tab.goto(page)
            email = f"{'blocking' if blocks else 'usual'}@example.org"
            assert tab.evaluate(_SIGN_UP, [auth, email]) == 200
            session: Any = tab.evaluate(_ASK, f"{auth}/api/auth/get-session")
            assert (session is not None) == expected
            if session is not None:
                assert session["user"]["email"] == email
            reached = tab.evaluate(_ASK, f"https://api.example.com:{port}/")
            assert any("session_token" in name for name in reached) == arrangement.api
            tab.close()
    assert execute(database_url, "select count(*) from auth_user") == "2"
    before = (server / ".env").read_text()
    set_env(server, **settings)
    (result,) = results(project, "BA004")
    (server / ".env").write_text(before)
    assert result.status == arrangement.said, result.message
