"""The files by which Vercel and Railway are told how the auth server runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..syntax.python import line, text
from ..syntax.typescript import entry_of, string_value, value_at
from ._check import problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Finding
    from ..syntax.typescript import Json
    from ._project import Project

DEVELOPMENT_SERVER = re.compile(
    r"\b(?:npm|pnpm|yarn|bun)(?:\s{1,99}run)?\s{1,99}dev\b|\btsx\s{1,99}watch\b|nodemon"
)
_CATCH_ALL = re.compile(r"^\^?/?\(?\.\*\)?\$?$|^/\(\.\*\)$|^/:path\*$")
_HEALTH = {"/healthz", "/readyz", "/api/auth/ok"}


def vercel(project: Project) -> Iterator[Finding]:
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


def railway(project: Project) -> Iterator[Finding]:
    """Find a health check, a start and a build that lead nowhere on Railway."""
    path = f"{project.server}/railway.json"
    settings, before = project.json(path), project.read(path)
    if settings is None or before is None:
        return
    if settings.root is None:
        yield problem("railway.json is no JSON", path, remedy=f"git checkout {path}")
        return
    health = value_at(settings.root, "deploy", "healthcheckPath")
    if health is not None and string_value(health) not in _HEALTH:
        yield repairable(
            f"nothing answers the health check {text(health)}, so no release starts",
            path,
            line(health),
            title="set healthcheckPath to /readyz",
            before=before,
            after=settings.with_value(health, '"/readyz"'),
        )
    start = settings.value("deploy", "startCommand")
    if isinstance(start, str) and DEVELOPMENT_SERVER.search(start):
        yield problem(
            "startCommand runs the development server",
            path,
            remedy='"startCommand": "npm start"',
        )
    builder = settings.value("build", "builder")
    named = settings.value("build", "dockerfilePath") or "Dockerfile"
    if builder == "DOCKERFILE" and not project.read(f"{project.server}/{named}"):
        yield problem(f"builder is DOCKERFILE, and there is no {named}", path)
