"""BA005: the deployment's files must fit the auth server as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Status
from ..syntax.python import line, text
from ..syntax.typescript import arguments, callee, literal, string_value
from ._check import Broken, Check, problem
from ._containers import COMPOSE_FILES, compose, dockerfile
from ._platforms import railway, vercel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding
    from ._project import Project


class Deployment(Check):
    """Express needs almost nothing of Vercel, Railway or Docker, and breaks on more.

    On Vercel ``builds`` is deprecated and switches the project's own settings off, and
    a catch-all in ``routes`` sends everything to a file that is not there. A container
    must not hold ``.env``, listen on 127.0.0.1 or run the development server. Looked
    at are the files in the auth server's folder alone; the fix takes out ``builds`` and
    the catch-all, and no other route of yours.
    """

    code = "BA005"
    name = "deployment"
    healthy = "the deployment's files fit the auth server"
    proof = (
        "vercel.json, railway.json, compose and Dockerfile parsed; app by syntax tree"
    )
    example = '{ "$schema": "https://openapi.vercel.sh/vercel.json" }'
    broken = (
        Broken(
            title="Vercel's deprecated builds",
            path="{server}/vercel.json",
            before=None,
            after=(
                '{\n  "version": 2,\n  "builds": [{ "src": "src/app.ts", "use": '
                '"@vercel/node" }]\n}\n'
            ),
            project="vercel",
            fixed=True,
        ),
        Broken(
            title="a catch-all beside a route of the user's own",
            path="{server}/vercel.json",
            before=None,
            after=(
                '{\n  "routes": [\n    { "src": "/old", "dest": "/healthz" },\n'
                '    { "src": "/(.*)", "dest": "src/app.ts" }\n  ]\n}\n'
            ),
            project="vercel",
            fixed=True,
        ),
        Broken(
            title="a rewrite to a function that is not there",
            path="{server}/vercel.json",
            before=None,
            after=(
                '{\n  "rewrites": [\n'
                '    { "source": "/(.*)", "destination": "/api/index" }\n  ]\n}\n'
            ),
            project="vercel",
            fixed=True,
        ),
        Broken(
            title="an application that is not exported",
            path="{server}/src/app.ts",
            before="export default app;",
            after="export { app };",
            project="vercel",
        ),
        Broken(
            title="vercel.json with a comma too many and a brace too few",
            path="{server}/vercel.json",
            before=None,
            after='{ "rewrites": [,\n',
            project="vercel",
        ),
        Broken(
            title="a health check that nothing answers",
            path="{server}/railway.json",
            before=None,
            after='{ "deploy": { "healthcheckPath": "/health" } }\n',
            project="railway",
            fixed=True,
        ),
        Broken(
            title="a fixed port",
            path="{server}/src/server.ts",
            before="app.listen(env.PORT,",
            after="app.listen(3001,",
            project="railway",
        ),
        Broken(
            title="a container of an old Node",
            path="{server}/Dockerfile",
            before=None,
            after='FROM node:18-slim\nUSER node\nCMD ["node", "dist/server.js"]\n',
            project="docker",
        ),
        Broken(
            title="a container that runs the development server",
            path="{server}/Dockerfile",
            before=None,
            after='FROM node:24-slim\nUSER node\nCMD ["npm", "run", "dev"]\n',
            project="docker",
        ),
        Broken(
            title="a container that runs as root",
            path="{server}/Dockerfile",
            before=None,
            after='FROM node:24-slim\nCMD ["node", "dist/server.js"]\n',
            project="docker",
            severity=Status.WARN,
        ),
        Broken(
            title="a container that takes .env along",
            path="{server}/Dockerfile",
            before=None,
            after='FROM node:24-slim\nCOPY .env .\nUSER node\nCMD ["npm", "start"]\n',
            project="docker",
        ),
        Broken(
            title="a secret in a compose file",
            path="{server}/compose.yaml",
            before=None,
            after=(
                "services:\n  auth:\n    build: .\n    environment:\n"
                "      BETTER_AUTH_SECRET: Zk3v9Qx7Lp2Rm8Tn4Wb6\n"
            ),
            project="docker",
        ),
        Broken(
            title="a database on the container's own localhost",
            path="{server}/compose.yaml",
            before=None,
            after=(
                "services:\n  auth:\n    build: .\n    environment:\n"
                "      - DATABASE_URL=postgresql://app@localhost:5432/app\n"
            ),
            project="docker",
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read each deployment file that exists, then what all of them need."""
        yield from vercel(project)
        yield from railway(project)
        yield from dockerfile(project)
        for name in COMPOSE_FILES:
            yield from compose(project, f"{project.server}/{name}")
        if project.answers.auth_deployment != "local":
            yield from _application(project)


def _application(project: Project) -> Iterator[Finding]:
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
    for name, found in project.scripts.items():
        for call in found.calls("listen"):
            given = arguments(call)
            receiver = callee(call).rpartition(".")[0]
            if not receiver or not given:
                continue
            if isinstance(literal(given[0]), float):
                yield problem(
                    f"the port {text(given[0])} is fixed, and platforms choose it",
                    name,
                    line(call),
                    remedy=f"{receiver}.listen(env.PORT, ...)",
                )
            host = string_value(given[1]) if len(given) > 1 else None
            if host in {"127.0.0.1", "localhost"}:
                yield problem(
                    f"the server listens on {host}, which is not reached from outside",
                    name,
                    line(call),
                    remedy='listen on "0.0.0.0" in production',
                )
