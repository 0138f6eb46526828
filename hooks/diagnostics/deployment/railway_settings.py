"""A health check, a start and a build that lead nowhere on Railway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line, text
from ...syntax.typescript import string_value, value_at
from .._check import Broken, problem, repairable
from .container_image import DEVELOPMENT_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

_HEALTH = {"/healthz", "/readyz", "/api/auth/ok"}

BROKEN = (
    Broken(
        title="a health check that nothing answers",
        path="{server}/railway.json",
        before=None,
        after='{ "deploy": { "healthcheckPath": "/health" } }\n',
        project="railway",
        fixed=True,
    ),
)


def find(project: Project) -> Iterator[Finding]:
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
