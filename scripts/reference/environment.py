"""The page of the environment variables, those of the catalogue's rows among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copier_better_auth.catalogue.mail import MAIL_SERVICES, SENDER
from copier_better_auth.catalogue.methods import METHODS, social_providers

from reference.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Section = Mapping[str, tuple[str, str]]

_HEAD = """\
# Environment variables

Made by `make generate`; do not edit it. `SETUP.md` in your auth server lists those of
your answers. In development both servers read the auth server's `.env`; variables of the
environment go before the file. Each is checked at start: a missing or malformed one is
named, and its value is never printed.
"""
_BOTH, _AUTH, _API = "both servers", "auth server", "FastAPI"
_ALWAYS: Section = {
    "DATABASE_URL": (
        _BOTH,
        "PostgreSQL; [what the address may say](../database.md#what-an-address-may-say)."
        " FastAPI goes through its own engine where one was found",
    ),
    "BETTER_AUTH_SECRET": (
        _BOTH,
        "32 characters or more, one value wherever it is used. `jwt` needs it in the "
        "auth server alone",
    ),
    "BETTER_AUTH_SECRETS": (
        _BOTH,
        "while the secret changes: `2:NEW,1:OLD`, the current one first; "
        "[how](../sessions.md#changing-the-secret)",
    ),
    "BETTER_AUTH_URL": (
        _BOTH,
        "where browsers reach the auth server: an origin, no slash at the end. https "
        "in production",
    ),
    "CORS_ORIGINS": (_BOTH, "where the front end runs, comma-separated origins"),
    "PORT": (_AUTH, "3001"),
    "LISTEN_HOST": (_AUTH, "`127.0.0.1` in development, every address in production"),
    "TRUST_PROXY": (
        _AUTH,
        "how many proxies are in front of it: 0 in development and in the template's "
        "`compose.yaml`, else 1; [how](../how-to/proxy.md)",
    ),
    "NODE_ENV": (_AUTH, "`production` there; else leave it"),
}
_DEPLOYED: Section = {
    "COOKIE_DOMAIN": (
        _AUTH,
        "`example.com`, where FastAPI is on a sibling host of the auth server",
    ),
    "CROSS_SITE_COOKIES": (
        _AUTH,
        "`true` sends cookies to a front end on another site, if nothing better can "
        "be done",
    ),
}
_STRATEGIES: Section = {
    "AUTH_DATABASE_URL": (
        _API,
        "the auth server's database, where FastAPI calls another one `DATABASE_URL`",
    ),
    "DIRECT_DATABASE_URL": (
        _API,
        "`cached`, where `DATABASE_URL` is a pooler's: the direct address",
    ),
    "JWKS_URL": (
        _API,
        "`jwt`, where FastAPI reaches the auth server by another address: "
        "`http://auth:3001/api/auth/jwks`",
    ),
}
_DEVELOPMENT: Section = {
    "API_PORT": ("`dev:all`", "FastAPI's port: 8000"),
    "DEV_MIGRATE_REMOTE": (
        "`dev:all`",
        "a database that is not on this machine: `1` migrates it, `0` leaves it as it "
        "is; without, nothing starts",
    ),
    "DEV_WATCH": ("`dev:all`", "`off`: no restart after a change"),
}
_COMPOSE: Section = {
    "POSTGRES_PASSWORD": (
        "the template's `compose.yaml`",
        "of its own PostgreSQL: letters and digits alone",
    ),
    "POSTGRES_PORT": (
        "the template's `compose.yaml`",
        "where its PostgreSQL is on this machine: 15433",
    ),
    "AUTH_DATABASE_URL": (
        "your compose file",
        "another database for the auth server than the one in the file",
    ),
    "AUTH_NODE_ENV": ("your compose file", "`NODE_ENV` of the auth server"),
    "AUTH_TRUST_PROXY": ("your compose file", "`TRUST_PROXY` of the auth server"),
}


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from _section("Always", _ALWAYS)
    yield from _section("With a deployment target", _DEPLOYED)
    yield from _section("With a session strategy or a second database", _STRATEGIES)
    yield "## Social providers and mail"
    yield ""
    yield "Production does not start without them. In development a provider without"
    yield "credentials is off, and mail that cannot be sent is printed."
    yield ""
    yield from table(("variable", "for", "an example"), _services())
    yield ""
    yield from _section("In development", _DEVELOPMENT)
    yield from _section("In containers", _COMPOSE)


def _section(title: str, variables: Section) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    rows = ((f"`{name}`", where, what) for name, (where, what) in variables.items())
    yield from table(("variable", "for", "what it is"), rows)
    yield ""


def _services() -> Iterator[tuple[str, str, str]]:
    for provider in social_providers([method.name for method in METHODS]):
        for variable in provider.variables:
            yield f"`{variable.name}`", provider.choice, f"`{variable.example}`"
    yield f"`{SENDER.name}`", "mail", f"`{SENDER.example}`"
    for service in MAIL_SERVICES:
        yield (
            f"`{service.credential.name}`",
            service.choice,
            f"`{service.credential.example}`",
        )
