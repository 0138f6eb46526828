"""better-auth's own check of origins, switched off."""

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

_SWITCHES = ("disableCSRFCheck", "disableOriginCheck")

BROKEN = (
    Broken(
        title="better-auth's origin check switched off",
        path="{server}/src/auth/auth.config.ts",
        before="advanced: {",
        after="advanced: { disableCSRFCheck: true, ",
        fixed=True,
    ),
)


def find(path: str, script: Script, options: Node) -> Iterator[Finding]:
    """Look for the switches that turn it off."""
    for name in _SWITCHES:
        switch = value_at(options, "advanced", name)
        if switch is not None and switch.type == "true":
            yield repairable(
                f"{name} lets every page on the web act for signed-in users",
                path,
                line(switch),
                title=f"switched {name} off",
                before=script.source,
                after=script.replaced(switch, "false"),
            )
