"""A secret that is written into the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line
from ...syntax.typescript import value_at
from .._check import Broken, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="a secret in the configuration",
        path="{server}/src/auth/auth.config.ts",
        before="secret: env.BETTER_AUTH_SECRET",
        after='secret: "Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5Jf0Gs3"',
        fixed=True,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at the option ``secret``."""
    if project.options is None:
        return
    path, script, options = project.options
    node = value_at(options, "secret")
    if node is not None and node.type in {"string", "template_string"}:
        yield repairable(
            "a secret is in the code",
            path,
            line(node),
            title="set secret to env.BETTER_AUTH_SECRET",
            before=script.source,
            after=script.replaced(node, "env.BETTER_AUTH_SECRET"),
        )
