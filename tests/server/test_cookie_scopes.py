"""COOKIE_DOMAIN set, changed or removed while people are signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.auth_server import running_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.auth_server import AuthServer

URL = "https://auth.shop.example.com"
NAME = "__Secure-better-auth.session_token"
NEW = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"}


class Browser:
    """Keeps a cookie for each name and scope, and sends the oldest first."""

    def __init__(self) -> None:
        """Begin without any."""
        self.cookies: dict[tuple[str, str], str] = {}

    def ask(self, server: AuthServer, path: str, body: object = None) -> object:
        """Send a request as the page of the auth server's own origin."""
        pairs = (f"{name}={value}" for (name, _), value in self.cookies.items())
        headers = {"Origin": URL, "Cookie": "; ".join(pairs) or "a=b"}
        method = "GET" if body is None else "POST"
        url = f"/api/auth/{path}"
        answer = server.client().request(method, url, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        for line in answer.headers.get_list("set-cookie"):
            self._keep(line)
        return answer.json()

    def _keep(self, line: str) -> None:
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        given = dict(part.lower().partition("=")[::2] for part in attributes)
        scope = (name, given.get("domain", "this host"))
        assert "secure" in given
        if given.get("max-age") == "0":
            self.cookies.pop(scope, None)
        else:
            self.cookies[scope] = value


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "valid"])
@pytest.mark.parametrize(
    ("before", "after", "sign_ins"),
    [
        ("", "example.com", 1),
        ("", "shop.example.com", 1),
        # Which domains there were cannot be known before both cookies come.
        ("example.com", "", 2),
        ("shop.example.com", "example.com", 2),
    ],
)
def test_an_older_cookie_does_not_win(
    ready: Callable[..., tuple[Path, str]],
    before: str,
    after: str,
    sign_ins: int,
    *,
    ended: bool,
) -> None:
    """Who signs in after the change is signed in, and no user keeps two cookies."""
    folder, url = ready(auth_email_verification=False)
    browser = Browser()
    settings = {"BETTER_AUTH_URL": URL, "COOKIE_DOMAIN": before}
    with running_server(folder, url, **settings) as server:
        browser.ask(server, "sign-up/email", NEW)
        if ended:
            kept = dict(browser.cookies)
            browser.ask(server, "sign-out", {})
            assert not browser.cookies
            browser.cookies = kept
    settings["COOKIE_DOMAIN"] = after
    with running_server(folder, url, **settings) as server:
        for _ in range(sign_ins):
            browser.ask(server, "sign-in/email", {**NEW, "rememberMe": True})
            session = browser.ask(server, "get-session")
        assert session is not None
        assert browser.ask(server, "get-session") is not None
        scopes = [scope for name, scope in browser.cookies if name == NAME]
        assert scopes == [after or "this host"]
        browser.ask(server, "sign-out", {})
        assert browser.ask(server, "get-session") is None
