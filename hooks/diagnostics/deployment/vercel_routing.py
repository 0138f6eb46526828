"""What keeps Vercel from its own handling of Express."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...syntax.python import line
from ...syntax.typescript import entry_of, string_value, value_at
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Json
    from .._project import Project

_CATCH_ALL = re.compile(r"^\^?/?\(?\.\*\)?\$?$|^/\(\.\*\)$|^/:path\*$")

BROKEN = (
    Broken(
        title="Vercel's deprecated builds",
        path="{server}/vercel.json",
        before=None,
        after=(
            '{\n  "version": 2,\n  "builds": [{ "src": "src/app.ts", "use": '
            '"@vercel/node" }]\n}\n'
        ),
        project="vercel",
        fixed=True,
    ),
    Broken(
        title="a catch-all next to the user's own route",
        path="{server}/vercel.json",
        before=None,
        after=(
            '{\n  "routes": [\n    { "src": "/old", "dest": "/healthz" },\n'
            '    { "src": "/(.*)", "dest": "src/app.ts" }\n  ]\n}\n'
        ),
        project="vercel",
        fixed=True,
    ),
    Broken(
        title="a rewrite to a function that is not there",
        path="{server}/vercel.json",
        before=None,
        after=(
            '{\n  "rewrites": [\n'
            '    { "source": "/(.*)", "destination": "/api/index" }\n  ]\n}\n'
        ),
        project="vercel",
        fixed=True,
    ),
    Broken(
        title="vercel.json with a comma too many and a brace too few",
        path="{server}/vercel.json",
        before=None,
        after='{ "rewrites": [,\n',
        project="vercel",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Find what keeps Vercel from its own handling of Express."""
    path = f"{project.server}/vercel.json"
    settings, before = project.json(path), project.read(path)
    if settings is None or before is None:
        return
    if settings.root is None:
        yield problem("vercel.json is no JSON", path, remedy=f"git checkout {path}")
        return
    builds = entry_of(settings.root, "builds")
    if builds is not None:
        yield repairable(
            "builds is deprecated, and switches the project's settings off",
            path,
            line(builds),
            title="took builds out of vercel.json",
            before=before,
            after=settings.without(builds),
        )
    for name, source, target in (
        ("routes", "src", "dest"),
        ("rewrites", "source", "destination"),
    ):
        listed = value_at(settings.root, name)
        for route in listed.named_children if listed is not None else ():
            dest = string_value(value_at(route, target)) or ""
            pattern = string_value(value_at(route, source)) or ""
            if not _CATCH_ALL.match(pattern) or not _is_elsewhere(project, name, dest):
                continue
            yield repairable(
                f'{name} sends everything to "{dest}", where nothing answers',
                path,
                line(route),
                title=f"took the catch-all out of {name} in vercel.json",
                before=before,
                after=_without_route(settings, name, route),
            )


def _is_elsewhere(project: Project, name: str, target: str) -> bool:
    """Return True if a catch-all leads away from Vercel's own handling of Express."""
    if not target or "://" in target:
        return False
    if name == "routes":
        return True
    base = f"{project.server}/{target.strip('/')}"
    endings = ("", ".ts", ".js", ".mjs", "/index.ts", "/index.js")
    return not any(project.read(f"{base}{ending}") for ending in endings)


def _without_route(settings: Json, name: str, route: Node) -> bytes:
    entry, listed = entry_of(settings.root, name), route.parent
    alone = listed is not None and len(listed.named_children) == 1
    return settings.without(entry if alone and entry is not None else route)
