"""How the FastAPI package verifies a credential, and what an outage makes of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..syntax.python import callee, calls, line, string_value, text
from ._check import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Finding
    from ._project import Project

_LOOK_UPS = {"execute", "fetch", "fetch_one", "fetchone", "fetchrow", "scalar"}


def unverified(project: Project) -> Iterator[Finding]:
    """Look at how the auth package verifies what it is given."""
    cookie: tuple[str, int] | None = None
    for path, module in project.modules.items():
        for node in module.nodes("string"):
            value = string_value(node) or ""
            if re.fullmatch(r"HS(?:256|384|512)", value):
                yield problem(
                    f"{value} verifies no token of better-auth's, which are EdDSA",
                    path,
                    line(node),
                    remedy="verify with the keys of /api/auth/jwks",
                )
            elif value.endswith(".session_token") and cookie is None:
                cookie = path, line(node)
    if cookie is not None and not _signs(project):
        yield problem(
            "the session cookie's signature is never checked",
            *cookie,
            remedy="the token is before the last dot; after it stands its HMAC-SHA256",
        )


def outages(project: Project) -> Iterator[Finding]:
    """Find where a database that does not answer is taken for a bad credential."""
    for path, module in project.modules.items():
        for node in module.nodes("try_statement"):
            if not _asks_database(node):
                continue
            for clause in node.children:
                if clause.type == "except_clause" and _takes_for_nobody(clause):
                    yield problem(
                        "a database that does not answer is taken for a bad credential",
                        path,
                        line(clause),
                        remedy="answer 503, and let only a missing row be 401",
                    )


def _asks_database(node: Node) -> bool:
    body = node.child_by_field_name("body")
    called = (callee(call) for call in calls(body)) if body else iter(())
    return any(name.rpartition(".")[2] in _LOOK_UPS for name in called)


def _takes_for_nobody(clause: Node) -> bool:
    """Return True if a clause catches all, or the driver's errors, and goes on."""
    block = clause.named_children[-1]
    caught = text(clause).partition(":")[0]
    everything = caught.strip() == "except" or re.search(
        r"\b(?:Base)?Exception\b|asyncpg|psycopg|SQLAlchemyError|OSError", caught
    )
    gives_up = re.search(
        r"\breturn None\b|NotAuthenticated|HTTP_401|\b401\b",
        text(block),
    )
    return bool(everything and gives_up)


def _signs(project: Project) -> bool:
    """Return True if the package computes an HMAC."""
    for module in project.modules.values():
        names = {
            found.alias
            for found in module.imports
            if found.module.split(".")[0] in {"hmac", "cryptography", "itsdangerous"}
        }
        called = (callee(call).partition(".")[0] for call in module.nodes("call"))
        if names & set(called):
            return True
    return False
