"""Imports that Node does not resolve in an ES module."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from ...syntax.python import line
from ...syntax.typescript import string_value
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.typescript import Script
    from .._project import Project

_ENDINGS = (".js", ".mjs", ".cjs", ".json", ".node", ".css", ".ts", ".mts")

BROKEN = (
    Broken(
        title="an import without its ending",
        path="{server}/src/app.ts",
        before='"./auth/auth.config.js"',
        after='"./auth/auth.config"',
        fixed=True,
    ),
    Broken(
        title="require of better-auth",
        path="{server}/src/extra.ts",
        after='const { betterAuth } = require("better-auth");\n',
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at every import of the auth server."""
    for path, script in project.scripts.items():
        yield from _imports(project, path, script)


def _imports(project: Project, path: str, script: Script) -> Iterator[Finding]:
    folder = posixpath.dirname(path)
    for node in script.sources():
        given = string_value(node) or ""
        if not given.startswith(".") or given.endswith(_ENDINGS):
            continue
        target = posixpath.normpath(posixpath.join(folder, given))
        completed = _completed(project, target, given)
        message = f'the import "{given}" lacks its ending'
        if completed is None:
            yield problem(message, path, line(node), remedy="write it as ./file.js")
            continue
        yield repairable(
            message,
            path,
            line(node),
            title=f'completed the import "{completed}" in {posixpath.basename(path)}',
            before=script.source,
            after=script.replaced(node, f'"{completed}"'),
        )
    for call in script.calls("require"):
        yield problem(
            "require() in an ES module",
            path,
            line(call),
            remedy='import it: import name from "package"',
        )


def _completed(project: Project, target: str, given: str) -> str | None:
    if project.read(f"{target}.ts") is not None:
        return f"{given}.js"
    if project.read(f"{target}/index.ts") is not None:
        return f"{given.rstrip('/')}/index.js"
    return None
