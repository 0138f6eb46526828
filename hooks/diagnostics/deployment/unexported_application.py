"""An application that Vercel does not find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="an application that is not exported",
        path="{server}/src/app.ts",
        before="export default app;",
        after="export { app };",
        project="vercel",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for the default export that Vercel starts."""
    path = f"{project.server}/src/app.ts"
    script = project.scripts.get(path)
    exports = script.nodes("export_statement") if script else []
    default = any(child.type == "default" for n in exports for child in n.children)
    on_vercel = project.answers.auth_deployment == "vercel"
    if on_vercel and script is not None and not default:
        yield problem(
            "src/app.ts exports no application, so Vercel finds none",
            path,
            remedy="export default app;",
        )
