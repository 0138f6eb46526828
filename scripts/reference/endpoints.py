"""The page of the auth server's endpoints, and which answers switch each on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copier_better_auth.catalogue.methods import METHODS, sends_mail, social_providers
from copier_better_auth.catalogue.pinned import PINNED
from copier_better_auth.rendering.endpoints import api_reference
from reference.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# Endpoints

What a project with every sign-in method answers. Made from better-auth's own
description by `make generate`; do not edit it. `API_DOCUMENTATION.md` in your auth
server is the same for your answers, with bodies, refusals and commands to paste.

## FastAPI

Below whatever prefix the router is included with.

| endpoint | what it does |
|---|---|
| GET `/auth/me` | 200 with the user who is signed in, else 401 |

## The auth server itself

| endpoint | what it does |
|---|---|
| GET `/healthz` | the process is up; asks nothing else |
| GET `/readyz` | the database answers and its schema is right, else 503 and why |
| GET `/dev` | a page to sign in on; only in development |
"""
_ORIGIN = "http://localhost:3000"


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    everything = [method.name for method in METHODS]
    all_groups = _groups(everything, jwt=True)
    for title, endpoints in all_groups.items():
        yield f"## {title}"
        yield ""
        rows = (
            (f"{name.partition(' ')[0]} `/api/auth{path}`", says, _needs(name))
            for name, says in endpoints.items()
            for path in (name.partition(" ")[2],)
        )
        yield from table(("endpoint", "what it does", "only with"), rows)
        yield ""
    yield "## Switched off"
    yield ""
    yield "better-auth knows these paths too; they answer with an error."
    yield ""
    off = _reference(everything, jwt=True)["switched_off"]
    rows_off = (
        (f"{n.partition(' ')[0]} `/api/auth{n.partition(' ')[2]}`", row["why"])
        for row in off
        for n in (row["name"],)
    )
    yield from table(("endpoint", "why"), rows_off)


def _needs(name: str) -> str:
    """Return which answers an endpoint is there with; empty for all."""
    plain = ["github"]
    if any(name in group for group in _groups(plain, jwt=False).values()):
        by_password = _groups(["email_password"], jwt=False).values()
        if any(name in group for group in by_password):
            return ""
        return "a social provider"
    if any(name in group for group in _groups(plain, jwt=True).values()):
        return "`auth_session_validation=jwt`"
    methods = [m for m in METHODS if m not in social_providers([m.name])]
    alone = [
        method
        for method in methods
        if any(name in group for group in _groups([method.name], jwt=False).values())
    ]
    if len(alone) > 1 and all(sends_mail([method.name]) for method in alone):
        return "a method that sends mail"
    return ", ".join(f"`{method.name}`" for method in alone)


def _groups(methods: list[str], *, jwt: bool) -> dict[str, dict[str, str]]:
    reference = _reference(methods, jwt=jwt)
    return {
        group["title"]: {e["name"]: e["says"] for e in group["endpoints"]}
        for group in reference["groups"]
    }


def _reference(methods: list[str], *, jwt: bool) -> dict[str, list[dict[str, str]]]:
    return api_reference(PINNED, methods, _ORIGIN, verifies=True, jwt=jwt)
