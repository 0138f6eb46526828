"""Variables without which the auth server does not start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...env.dotenv import line_of
from .._check import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# BETTER_AUTH_SECRET is BA012's.
_EXAMPLES = {
    "DATABASE_URL": "postgresql://user:password@host:5432/database",
    "BETTER_AUTH_URL": "http://localhost:3001",
    "CORS_ORIGINS": "http://localhost:3000",
}


def probe(project: Project) -> Iterator[Finding]:
    """Yield each variable that neither the env file nor the environment has."""
    path = project.env_path
    if project.read(path) is None:
        return  # BA012 says so
    for name, example in _EXAMPLES.items():
        if not project.variables.get(name) and not os.environ.get(name):
            yield problem(
                f"{name} is empty, so the auth server does not start",
                path,
                line_of(project.text(path) or "", name),
                remedy=f"write its line, for example: {name}={example}",
            )
