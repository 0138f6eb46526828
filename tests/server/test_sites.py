"""Same origin, same site or another site: what the server says and which cookies."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.auth_server import running_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES = [
    ("https://app.example.com", "https://app.example.com", "same-origin"),
    ("https://app.example.com", "https://auth.example.com", "same-site"),
    ("https://example.co.uk", "https://auth.example.co.uk", "same-site"),
    ("https://one.co.uk", "https://two.co.uk", "cross-site"),
    ("https://app.vercel.app", "https://auth.vercel.app", "cross-site"),
    ("https://app.up.railway.app", "https://auth.up.railway.app", "cross-site"),
    ("https://app.onrender.com", "https://auth.onrender.com", "cross-site"),
    ("https://app.example.com", "https://auth.example.org", "cross-site"),
    ("http://app.example.com", "https://auth.example.com", "cross-site"),
    ("http://localhost:3000", "http://localhost:3001", "same-site"),
    ("http://localhost:3000", "http://127.0.0.1:3001", "cross-site"),
    ("http://192.168.0.1:3000", "http://192.168.0.1:3001", "same-site"),
]


def test_relations(rendered: Callable[..., Path]) -> None:
    """One site is one scheme and one registrable domain, whatever the ports."""
    folder = rendered()
    script = (
        'import { relation } from "./dist/auth/sites.js";'
        f"const cases = {json.dumps([case[:2] for case in CASES])};"
        "console.log(JSON.stringify(cases.map(([a, b]) => relation(a, b))));"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script],  # noqa: S607 - node from PATH
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [case[2] for case in CASES]


@pytest.mark.parametrize(
    ("settings", "attributes", "warned"),
    [
        ({}, {"samesite=lax", "httponly", "path=/"}, False),
        (
            {"BETTER_AUTH_URL": "https://auth.example.com"},
            {"samesite=lax", "httponly", "path=/", "secure"},
            True,
        ),
        (
            {
                "BETTER_AUTH_URL": "https://auth.example.com",
                "CORS_ORIGINS": "https://app.example.com",
                "COOKIE_DOMAIN": "example.com",
            },
            {"samesite=lax", "httponly", "path=/", "secure", "domain=example.com"},
            False,
        ),
        (
            {
                "BETTER_AUTH_URL": "https://auth.up.railway.app",
                "CORS_ORIGINS": "https://app.vercel.app",
                "CROSS_SITE_COOKIES": "true",
            },
            {"samesite=none", "httponly", "path=/", "secure"},
            True,
        ),
    ],
    ids=["development", "two sites", "sibling hosts", "insisted"],
)
def test_the_session_cookie(
    ready: Callable[..., tuple[Path, str]],
    settings: dict[str, str],
    attributes: set[str],
    warned: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """Lax unless the owner insists, Secure with https, shared only where named."""
    folder, url = ready(auth_email_verification=False)
    with running_server(folder, url, **settings) as server:
        new = {"email": "a@example.com", "password": "a long one", "name": "A"}
        headers = {"Origin": settings.get("CORS_ORIGINS", "http://localhost:3000")}
        answer = server.client().post(
            "/api/auth/sign-up/email", json=new, headers=headers
        )
        assert answer.status_code == 200, answer.text
        cookie, *given = answer.headers["set-cookie"].split("; ")
        log = server.logged()
    secure = settings.get("BETTER_AUTH_URL", "").startswith("https")
    name = "__Secure-better-auth.session_token" if secure else "better-auth.session_to"
    assert cookie.startswith(name)
    found = {attribute.lower() for attribute in given}
    assert found - {"max-age=604800"} == attributes
    assert ("are different sites" in log) == warned
    assert "pass /api/auth on" in log or not warned
