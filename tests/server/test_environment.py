"""What is in the environment is checked before anything listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.auth_server import environment, run_script
from support.sign_in_methods import SOCIAL, credentials

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOWHERE = "postgresql://app:hush-hush@127.0.0.1:9/app"


@pytest.fixture
def folder(rendered: Callable[..., Path]) -> Path:
    """A built server with every method."""
    return rendered()


def refusal(folder: Path, **changed: str) -> list[str]:
    """Start with a changed environment; return the lines of its refusal."""
    env = environment(NOWHERE, 0, **changed)
    done = run_script(folder, "server", env=env)
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_every_missing_variable_has_its_line(folder: Path) -> None:
    """Name and example, all at once; an empty value says as little as none."""
    required = [
        *("DATABASE_URL", "BETTER_AUTH_SECRET", "BETTER_AUTH_URL", "CORS_ORIGINS"),
        *credentials(*SOCIAL),
        *("EMAIL_FROM", "SMTP_URL"),
    ]
    lines = refusal(folder, **dict.fromkeys(required, ""))
    assert [line.partition(" ")[0] for line in lines] == required
    for line in lines:
        assert " is missing, for example: " in line
        assert line.rpartition(": ")[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://app:hush-hush@127.0.0.1/app"),
        ("BETTER_AUTH_SECRET", "hush-hush"),
        ("BETTER_AUTH_URL", "https://auth.example.com/"),
        ("BETTER_AUTH_URL", "http://auth.example.com"),
        ("CORS_ORIGINS", "https://app.example.com,app.example.org"),
        # better-auth would trust everybody's preview, and send people's tokens there.
        ("CORS_ORIGINS", "https://*.vercel.app"),
        ("PORT", "http"),
        ("TRUST_PROXY", "yes"),
        ("SMTP_URL", "hush-hush"),
        ("EMAIL_FROM", "nobody"),
        ("COOKIE_DOMAIN", "example.net"),
        ("CROSS_SITE_COOKIES", "perhaps"),
    ],
)
def test_a_malformed_variable_has_one_line(folder: Path, name: str, value: str) -> None:
    """It names the variable and never repeats what was given."""
    (line,) = refusal(folder, **{name: value})
    assert line.startswith(f"{name} is malformed, for example: ")
    assert value not in line
    assert "hush-hush" not in line


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("CORS_ORIGINS", "capacitor://localhost", "an app's own scheme"),
        ("CORS_ORIGINS", "https://app.example.com,tauri://localhost", "own scheme"),
        ("CORS_ORIGINS", "192.168.0.7:3000", "http:// or https://"),
        ("CORS_ORIGINS", "shop.example.org", "http:// or https://"),
        ("CORS_ORIGINS", "https://*.vercel.app", "wildcard"),
        ("CORS_ORIGINS", "https://app.example.com/", "slash at the end"),
        ("BETTER_AUTH_URL", "http://192.168.0.7:3001", "in production http"),
        ("BETTER_AUTH_URL", "http://auth.example.com", "in production http"),
        ("BETTER_AUTH_URL", "https://auth.example.com/auth", "host and port alone"),
    ],
)
def test_what_is_wrong_with_an_origin_is_said(
    folder: Path, name: str, value: str, reason: str
) -> None:
    """In the same line, and still without what was given."""
    (line,) = refusal(folder, **{name: value})
    assert reason in line.rpartition("(")[2]
    assert value not in line


@pytest.mark.parametrize(
    "domain", ["up.railway.app", "railway.app", "other.example", "com"]
)
def test_a_cookie_domain_must_be_one_that_browsers_take(
    folder: Path, domain: str
) -> None:
    """Neither a public suffix nor a domain that the server is not below."""
    url = "https://auth.up.railway.app"
    (line,) = refusal(folder, COOKIE_DOMAIN=domain, BETTER_AUTH_URL=url)
    assert line.startswith("COOKIE_DOMAIN is malformed")


def test_cookies_between_sites_need_https(folder: Path) -> None:
    """Browsers drop SameSite=None without Secure, and Secure without https."""
    (line,) = refusal(folder, CROSS_SITE_COOKIES="true")
    assert line.startswith("CROSS_SITE_COOKIES is malformed")
