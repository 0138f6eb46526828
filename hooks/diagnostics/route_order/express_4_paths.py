"""Paths that Express 4 took, and that Express 5 refuses."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from ...syntax.express import ROUTES
from ...syntax.python import line
from ...syntax.typescript import arguments, callee, string_value
from .._check import Broken, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.typescript import Script
    from .._project import Project

# Express 4's ways to say "anything" and "perhaps": a star without a name, a group, "?".
_OLD = re.compile(r"\*(?![A-Za-z_$\"])|\(\.\*\)|:\w+\?")

BROKEN = (
    Broken(
        title="Express 4's wildcard",
        path="{server}/src/app.ts",
        before='"/api/auth/{*any}"',
        after='"/api/auth/*"',
        fixed=True,
    ),
    Broken(
        title="a nameless wildcard for everything else",
        path="{server}/src/app.ts",
        before="export default app;",
        after=(
            'app.get("*", (_request, response) => void response.sendStatus(404));\n'
            "export default app;"
        ),
        fixed=True,
    ),
    Broken(
        title="Express 4's optional parameter",
        path="{server}/src/health.ts",
        before='"/healthz"',
        after='"/healthz/:part?"',
        fixed=True,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at the path of every route."""
    for path, script in project.scripts.items():
        yield from _outdated(path, script)


def _outdated(path: str, script: Script) -> Iterator[Finding]:
    for node in script.nodes("call_expression"):
        receiver, _, method = callee(node).rpartition(".")
        given = next(iter(arguments(node)), None)
        route = string_value(given)
        if not receiver or method not in {*ROUTES, "route"} or given is None:
            continue
        if route is None or not (route == "*" or route.startswith("/")):
            continue
        if not _OLD.search(route):
            continue
        named = _in_express_5(route)
        yield repairable(
            f'Express 5 refuses the path "{route}", and the server stops',
            path,
            line(given),
            title=f'wrote "{named}" for "{route}" in {posixpath.basename(path)}',
            before=script.source,
            after=script.replaced(given, f'"{named}"'),
        )


def _in_express_5(route: str) -> str:
    named = re.sub(r"/:(\w+)\?", r"{/:\1}", route)
    named = re.sub(r"\(\.\*\)|\*(?![A-Za-z_$\"])", "{*any}", named)
    return named if named.startswith(("/", "{/")) else f"/{named}"
