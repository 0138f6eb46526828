"""What the started server does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...probe import ask_server
from ...rendering.commands import within
from .._check import problem, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

_OK, _NOT_FOUND = 200, 404


def probe(project: Project) -> Iterator[Finding]:
    """Start the server, and ask it for what must be there."""
    server = ask_server(project.auth_server)
    path = f"{project.server}/src/app.ts"
    if server.broken:
        yield problem(
            f"the auth server does not start: {server.broken}",
            f"{project.server}/src/server.ts",
            remedy=within(
                project.server,
                f"{project.answers.auth_node_package_manager} run dev",
            ),
        )
        return
    if server.reason:
        yield unasked(project, server.reason)
        return
    for asked, remedy in (
        (server.health, "put health's router before everything that may refuse"),
        (server.ok, "copier-better-auth doctor --check BA013"),
    ):
        if asked is not None and asked.status != _OK:
            answers = f"GET {asked.path} answers {asked.status}"
            yield problem(f"the auth server runs, and {answers}", path, remedy=remedy)
    for asked in server.routes:
        if asked.status == _NOT_FOUND and asked.empty:
            yield problem(
                f"{asked.method} {asked.path} gets better-auth's empty 404",
                path,
                remedy="move the route before better-auth's catch-all",
            )
