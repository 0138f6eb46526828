"""A list in the backend's own env file that lacks origins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...env.origins import origins_in
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="the backend's own env file has another list",
        path="{backend}/.env",
        after="CORS_ORIGINS=http://localhost:9999\n",
    ),
)


def find(project: Project, wanted: frozenset[str]) -> Iterator[Finding]:
    """Compare the list of each env file with the origins that are ``wanted``."""
    for path in dict.fromkeys((f"{project.backend}/.env", ".env")):
        own = project.env(path.removeprefix("./")).get("CORS_ORIGINS", "")
        listed = frozenset(origins_in(own))
        if listed and wanted and not wanted <= listed:
            missing = ", ".join(sorted(wanted - listed))
            yield problem(
                f"CORS_ORIGINS of the backend lacks {missing}",
                path,
                remedy=f"set it to the list in {project.env_path}",
            )
