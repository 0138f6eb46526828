"""The backend's own env file says something else than the auth server's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Broken, problem
from . import different_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="the backend's own env file has another URL",
        path="{backend}/.env",
        after="BETTER_AUTH_URL=https://auth.example.com\n",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Compare each env file that FastAPI reads."""
    ours, path = project.variables, project.env_path
    yield from different_secrets.malformed(path, ours)
    own = f"{project.backend}/.env".removeprefix("./")
    separate = project.facts.separate_better_auth.value
    for name in dict.fromkeys((own, ".env")):
        folder = name.rpartition("/")[0] or "."
        if separate is not None and folder in {separate, "."}:
            continue  # of another better-auth, or of both: what it says may stay
        theirs = project.env(name)
        yield from different_secrets.find(project, name, theirs)
        url = theirs.get("BETTER_AUTH_URL", "")
        if url and url.rstrip("/") != ours.get("BETTER_AUTH_URL", url).rstrip("/"):
            yield problem(
                "two values of BETTER_AUTH_URL",
                name,
                remedy=f"copy BETTER_AUTH_URL from {path}",
            )
