"""A cookie that better-auth writes under a name that FastAPI does not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line, text
from ...syntax.typescript import string_value, value_at
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from .._project import Project

_DEFAULT_PREFIX = "better-auth"

BROKEN = (
    Broken(
        title="a name that FastAPI does not read",
        path="{server}/src/auth/auth.config.ts",
        before="advanced: {",
        after='advanced: { cookiePrefix: "shop", ',
    ),
    Broken(
        title="FastAPI knows only the name without https",
        path="{package}/cookies.py",
        before='f"__Secure-{COOKIE_NAME}"',
        after="COOKIE_NAME",
    ),
)


def sent(project: Project, name: str) -> Iterator[Finding]:
    """Compare the name that the started server sends with those that are read."""
    bare = name.removeprefix("__Secure-").removeprefix("__Host-")
    readers = [found for found in _literals(project) if ".session_token" in found[2]]
    if readers and not any(bare in found[2] for found in readers):
        yield problem(
            f"the auth server sets the cookie {name}, and FastAPI reads another",
            readers[0][0],
            readers[0][1],
            remedy=f"read {bare} there, and __Secure-{bare}",
        )


def find(project: Project, path: str, options: Node) -> Iterator[Finding]:
    """Find a cookie that better-auth writes under a name that FastAPI does not read."""
    if project.answers.credential == "token":
        return
    written = _literals(project)
    readers = [found for found in written if ".session_token" in found[2]]
    if not readers:
        return
    prefix = value_at(options, "advanced", "cookiePrefix")
    wanted = f"{string_value(prefix) or _DEFAULT_PREFIX}.session_token"
    if prefix is not None and not any(wanted in found[2] for found in readers):
        yield problem(
            f"better-auth writes the cookie {wanted}, and FastAPI reads another",
            path,
            line(prefix),
            remedy=f"use one name in both: {readers[0][0]}:{readers[0][1]}",
        )
    if not any("__Secure-" in found[2] for found in written):
        yield problem(
            "FastAPI does not read the name that the cookie has under https",
            readers[0][0],
            readers[0][1],
            remedy=f"read __Secure-{wanted} as well",
        )


def _literals(project: Project) -> list[tuple[str, int, str]]:
    """Return the strings of the FastAPI package: file, line and text."""
    if project.answers.credential == "token":
        return []
    return [
        (name, line(node), text(node))
        for name, module in project.modules.items()
        for node in module.nodes("string_content")
    ]
