"""A credential that the auth package does not verify, or verifies wrongly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...syntax.python import callee, line
from ...syntax.typescript import string_value
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="tokens verified with HS256",
        path="{package}/tokens.py",
        before='_ALGORITHM = "EdDSA"',
        after='_ALGORITHM = "HS256"',
        project="jwt",
    ),
    Broken(
        title="the cookie looked up without its signature",
        path="{package}/cookies.py",
        before="hmac.",
        after="unsigned.",
    ),
)


def find(project: Project) -> Iterator[Finding]:
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
            remedy="the token is before the last dot; after it is its HMAC-SHA256",
        )


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
