"""A list of trusted origins that is not ``CORS_ORIGINS``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line
from ...syntax.typescript import entry_of, is_open, value_at
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Script

SOURCE = "env.CORS_ORIGINS"

BROKEN = (
    Broken(
        title="its own list of trusted origins",
        path="{server}/src/auth/auth.config.ts",
        before="trustedOrigins: env.CORS_ORIGINS",
        after='trustedOrigins: ["http://localhost:5173"]',
        fixed=True,
    ),
)


def find(path: str, script: Script, options: Node) -> Iterator[Finding]:
    """Look at ``trustedOrigins``."""
    entry = entry_of(options, "trustedOrigins")
    value = value_at(options, "trustedOrigins")
    if entry is None and not is_open(options):
        yield problem(
            "better-auth has no trustedOrigins, so it refuses every other origin",
            path,
            line(options),
            remedy=f"add to betterAuth({{...}}): trustedOrigins: {SOURCE},",
        )
    elif value is not None and value.type in {"array", "string"}:
        yield repairable(
            "trustedOrigins is its own list",
            path,
            line(value),
            title=f"set trustedOrigins to {SOURCE}",
            before=script.source,
            after=script.replaced(value, SOURCE),
        )
