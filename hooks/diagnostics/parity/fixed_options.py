"""Options of better-auth's that do not come from the environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...syntax.python import line, text
from ...syntax.typescript import arguments, literal, string_value, unwrapped, value_at
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Script
    from .._project import Project

_SOURCES = {
    "secret": "env.BETTER_AUTH_SECRET",
    "baseURL": "env.BETTER_AUTH_URL",
}
_API = "/api/auth"

BROKEN = (
    Broken(
        title="a secret of another name",
        path="{server}/src/auth/auth.config.ts",
        before="secret: env.BETTER_AUTH_SECRET",
        after="secret: env.JWT_SECRET",
        fixed=True,
    ),
    Broken(
        title="a URL written into the configuration",
        path="{server}/src/auth/auth.config.ts",
        before="baseURL: env.BETTER_AUTH_URL",
        after='baseURL: "http://localhost:3000"',
        fixed=True,
    ),
    Broken(
        title="its own issuer",
        path="{server}/src/auth/auth.config.ts",
        before="issuer: env.BETTER_AUTH_URL",
        after='issuer: "https://shop.example.com"',
        project="jwt",
        fixed=True,
    ),
    Broken(
        title="minutes as a number, which means 1970",
        path="{server}/src/auth/auth.config.ts",
        before='expirationTime: "15m"',
        after="expirationTime: 900",
        project="jwt",
        fixed=True,
    ),
)


def find(
    project: Project, path: str, script: Script, options: Node
) -> Iterator[Finding]:
    """Look at the secret, the URLs and the life of a token."""
    for name, source in _SOURCES.items():
        node = value_at(options, name)
        yield from _sourced(path, script, node, name, source)
    base_path = string_value(value_at(options, "basePath"))
    if base_path is not None and base_path.rstrip("/") != _API:
        yield problem(
            f"better-auth answers below {base_path}, and FastAPI asks below {_API}",
            path,
            line(options),
            remedy=f'set basePath: "{_API}"',
        )
    for call in script.calls("jwt"):
        given = unwrapped(next(iter(arguments(call)), None))
        for name in ("issuer", "audience"):
            node = value_at(given, "jwt", name)
            if node is None or node.type == "string":
                yield from _sourced(path, script, node, name, _SOURCES["baseURL"])
        life = value_at(given, "jwt", "expirationTime")
        if life is not None and isinstance(literal(life), float):
            minutes = project.answers.auth_jwt_minutes
            yield repairable(
                "expirationTime as a number is a moment in 1970; every token has ended",
                path,
                line(life),
                title=f'set expirationTime to "{minutes}m"',
                before=script.source,
                after=script.replaced(life, f'"{minutes}m"'),
            )


def _sourced(
    path: str, script: Script, node: Node | None, name: str, source: str
) -> Iterator[Finding]:
    """Find an option that is a literal, or another variable of the environment."""
    if node is None:
        return
    is_variable = re.fullmatch(r"(?:process\.)?env[.\[].*", text(node)) is not None
    if node.type in {"string", "template_string"} or (
        is_variable and source.rpartition(".")[2] not in text(node)
    ):
        yield repairable(
            f"{name} does not come from {source.rpartition('.')[2]}",
            path,
            line(node),
            title=f"set {name} to {source}",
            before=script.source,
            after=script.replaced(node, source),
        )
