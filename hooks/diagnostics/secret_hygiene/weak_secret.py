"""A secret that is short, or that can be guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...env.secret_values import PLACEHOLDER, other_listed
from ...env.secrets import ONE
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

LEAST = 32
_LEAST_DIFFERENT = 10

BROKEN = (
    Broken(
        title="a short secret",
        path="{server}/.env",
        before="BETTER_AUTH_SECRET=",
        after="BETTER_AUTH_SECRET=short # ",
    ),
    Broken(
        title="a secret from a tutorial",
        path="{server}/.env",
        before="BETTER_AUTH_SECRET=",
        after="BETTER_AUTH_SECRET=change-me-change-me-change-me-change-me # ",
    ),
    Broken(
        title="a secret of few characters",
        path="{server}/.env",
        before="BETTER_AUTH_SECRET=",
        after="BETTER_AUTH_SECRET=abababababababababababababababababab # ",
    ),
    Broken(
        title="a list of secrets with one that can be guessed",
        path="{server}/.env",
        after="BETTER_AUTH_SECRETS=2:change-me-change-me-change-me-change-me,1:{secret}\n",
    ),
)


def find(project: Project, path: str) -> Iterator[Finding]:
    """Measure each secret without showing it."""
    remedy = "make another: openssl rand -base64 32"
    one = (ONE, project.variables.get(ONE, ""))
    for name, secret in (one, *other_listed(project.variables)):
        if len(secret) < LEAST:
            message = f"{name} has fewer than {LEAST} characters"
            yield problem(message, path, remedy=remedy)
        elif len(set(secret)) < _LEAST_DIFFERENT or PLACEHOLDER.search(secret):
            yield problem(f"{name} can be guessed", path, remedy=remedy)
