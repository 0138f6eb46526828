"""BA002: what comes after better-auth's catch-all is never reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.express import base_path, mount_in
from .._check import Check
from . import express_4_paths, late_routes, no_mount, unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class RouteOrder(Check):
    """Express asks its routes in their order, and better-auth's catch-all answers all.

    A route of your own below ``/api/auth`` that is after it gets an empty 404.
    Since Express 5 a wildcard must have a name: ``"/api/auth/*"`` ends the server at
    its start. The fix moves your route, with its comments and with what it is made
    of, before the catch-all, and names the wildcard.
    """

    code = "BA002"
    name = "route-order"
    healthy = "every route of your own comes before better-auth's catch-all"
    proof = "routes in their order by syntax tree; the started server is asked for them"
    example = (
        'app.post("/api/auth/invite", invite);\n'
        'app.all("/api/auth/{*any}", toNodeHandler(auth));'
    )
    broken = (
        *late_routes.BROKEN,
        *express_4_paths.BROKEN,
        *no_mount.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Find the mount, what follows it, and paths that Express 5 refuses."""
        base = base_path(project.options[2] if project.options else None)
        mounts = [
            (path, script, mount)
            for path, script in project.scripts.items()
            if (mount := mount_in(script))
        ]
        yield from no_mount.find(project, base, is_mounted=bool(mounts))
        for path, script, mount in mounts:
            yield from no_mount.elsewhere(path, mount, base)
            yield from late_routes.find(path, script, mount, base)
        yield from express_4_paths.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Start the server, and ask it for what must be there."""
        yield from unanswered.probe(project)
