"""The cache that answers for sessions that were revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line
from ...syntax.typescript import value_at
from .._check import Broken, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Script
    from .._project import Project

BROKEN = (
    Broken(
        title="a cookie cache with immediate revocation",
        path="{server}/src/auth/auth.config.ts",
        before="updateAge: 60 * 60 * 24 }",
        after=(
            "updateAge: 60 * 60 * 24, cookieCache: { enabled: true, maxAge: 300 } }"
        ),
        fixed=True,
    ),
)


def find(
    project: Project, path: str, script: Script, options: Node
) -> Iterator[Finding]:
    """Find the cache that answers for sessions that were revoked."""
    enabled = value_at(options, "session", "cookieCache", "enabled")
    if enabled is None or enabled.type != "true":
        return
    if project.answers.credential == "token":
        return
    yield repairable(
        "the cookie cache answers for sessions that were revoked, until it expires",
        path,
        line(enabled),
        title="switched the cookie cache off",
        before=script.source,
        after=script.replaced(enabled, "false"),
    )
