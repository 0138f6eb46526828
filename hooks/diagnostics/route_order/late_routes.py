"""Routes of the project that come after the catch-all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.express import own_route
from ...syntax.python import line
from ...syntax.statement_moves import moved_before
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.express import Mount
    from ...syntax.typescript import Script

BROKEN = (
    Broken(
        title="its own route after the catch-all",
        path="{server}/src/app.ts",
        before="export default app;",
        after=(
            "// Who invited whom.\n"
            'app.get("/api/auth/invites", (_request, response) => {\n'
            "  response.json([]);\n});\n\nexport default app;"
        ),
        fixed=True,
    ),
    Broken(
        title="its own router, with its routes, after the catch-all",
        path="{server}/src/app.ts",
        before="export default app;",
        after=(
            "const teams = express.Router();\n"
            'teams.get("/", (_request, response) => void response.json([]));\n'
            'app.use("/api/auth/teams", teams); // for the front end\n\n'
            "export default app;"
        ),
        fixed=True,
    ),
)


def find(path: str, script: Script, mount: Mount, base: str) -> Iterator[Finding]:
    """Yield each; the fix moves it before the mount."""
    index = mount.siblings.index(mount.statement)
    for statement in mount.siblings[index + 1 :]:
        own = own_route(statement, mount, base)
        if own is None:
            continue
        message = f"{own} comes after better-auth's catch-all, which answers first"
        after = moved_before(
            script, mount.siblings, mount.statement, statement, apart=mount.receiver
        )
        if after is None:
            remedy = f"move it before line {line(mount.statement)}"
            yield problem(message, path, line(statement), remedy=remedy)
            continue
        yield repairable(
            message,
            path,
            line(statement),
            title=f"moved {own} before the catch-all",
            before=script.source,
            after=after,
        )
