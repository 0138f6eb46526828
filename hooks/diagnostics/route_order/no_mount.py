"""An auth server that hands nothing over to better-auth, or at another path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.express import Mount
    from .._project import Project

BROKEN = (
    Broken(
        title="no route to better-auth at all",
        path="{server}/src/app.ts",
        before='app.all("/api/auth/{*any}", toNodeHandler(auth));',
    ),
    Broken(title="no application at all", path="{server}/src/app.ts"),
    Broken(
        title="mounted at another path than better-auth answers",
        path="{server}/src/app.ts",
        before='app.all("/api/auth/{*any}"',
        after='app.all("/auth/{*any}"',
    ),
)


def find(project: Project, base: str, *, is_mounted: bool) -> Iterator[Finding]:
    """Look for the source, and for the route that hands requests over."""
    if not any(project.read(path) for path in _sources(project)):
        yield problem(
            f"{project.server} has no source, so there is no auth server",
            f"{project.server}/src/app.ts",
            remedy=f"git checkout HEAD -- {project.server}",
        )
    elif not is_mounted and project.scripts:
        yield problem(
            "no route hands requests over to better-auth",
            f"{project.server}/src/app.ts",
            remedy=f'add: app.all("{base}/{{*any}}", toNodeHandler(auth));',
        )


def elsewhere(path: str, mount: Mount, base: str) -> Iterator[Finding]:
    """Compare the path of the mount with the one that better-auth answers below."""
    if not mount.path.startswith(base):
        yield problem(
            f"better-auth answers below {base}, and is mounted at {mount.path}",
            path,
            line(mount.statement),
            remedy=f'mount it at "{base}/{{*any}}", or set basePath',
        )


def _sources(project: Project) -> list[str]:
    """Return every file that the auth server could be written in."""
    return project.below(project.server, ".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
