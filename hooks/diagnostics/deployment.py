"""BA005: the deployment's files must fit the auth server as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..model import Status
from ..syntax import line, text
from ._check import Broken, Check, problem, repairable, warning
from ._typescript import (
    arguments,
    callee,
    entry_of,
    literal,
    string_value,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from ..model import Finding
    from ._project import Project
    from ._typescript import Json

_LEAST_NODE = 20
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_CATCH_ALL = re.compile(r"^\^?/?\(?\.\*\)?\$?$|^/\(\.\*\)$|^/:path\*$")
_HEALTH = {"/healthz", "/readyz", "/api/auth/ok"}
_DEVELOPMENT = re.compile(
    r"\b(?:npm|pnpm|yarn|bun)(?:\s+run)?\s+dev\b|\btsx\s+watch\b|nodemon"
)
_LITERAL_SECRET = re.compile(r"^(?!\$)[^\s$]{8,}$")


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
        yield from _vercel(project)
        yield from _railway(project)
        yield from _dockerfile(project)
        for name in _COMPOSE:
            yield from _compose(project, f"{project.server}/{name}")
        if project.answers.auth_deployment != "local":
            yield from _application(project)


def _vercel(project: Project) -> Iterator[Finding]:
    path = f"{project.server}/vercel.json"
    settings, before = project.json(path), project.read(path)
    if settings is None or before is None:
        return
    if settings.root is None:
        yield problem("vercel.json is no JSON", path, remedy=f"git checkout {path}")
        return
    builds = entry_of(settings.root, "builds")
    if builds is not None:
        yield repairable(
            "builds is deprecated, and switches the project's settings off",
            path,
            line(builds),
            title="took builds out of vercel.json",
            before=before,
            after=settings.without(builds),
        )
    for name, source, target in (
        ("routes", "src", "dest"),
        ("rewrites", "source", "destination"),
    ):
        listed = value_at(settings.root, name)
        for route in listed.named_children if listed is not None else ():
            dest = string_value(value_at(route, target)) or ""
            pattern = string_value(value_at(route, source)) or ""
            if not _CATCH_ALL.match(pattern) or not _is_elsewhere(project, name, dest):
                continue
            yield repairable(
                f'{name} sends everything to "{dest}", where nothing answers',
                path,
                line(route),
                title=f"took the catch-all out of {name} in vercel.json",
                before=before,
                after=_without_route(settings, name, route),
            )


def _is_elsewhere(project: Project, name: str, target: str) -> bool:
    """Tell whether a catch-all leads away from Vercel's own handling of Express."""
    if not target or "://" in target:
        return False
    if name == "routes":
        return True
    base = f"{project.server}/{target.strip('/')}"
    endings = ("", ".ts", ".js", ".mjs", "/index.ts", "/index.js")
    return not any(project.read(f"{base}{ending}") for ending in endings)


def _without_route(settings: Json, name: str, route: Node) -> bytes:
    entry, listed = entry_of(settings.root, name), route.parent
    alone = listed is not None and len(listed.named_children) == 1
    return settings.without(entry if alone and entry is not None else route)


def _railway(project: Project) -> Iterator[Finding]:
    path = f"{project.server}/railway.json"
    settings, before = project.json(path), project.read(path)
    if settings is None or before is None:
        return
    if settings.root is None:
        yield problem("railway.json is no JSON", path, remedy=f"git checkout {path}")
        return
    health = value_at(settings.root, "deploy", "healthcheckPath")
    if health is not None and string_value(health) not in _HEALTH:
        yield repairable(
            f"nothing answers the health check {text(health)}, so no release starts",
            path,
            line(health),
            title="set healthcheckPath to /readyz",
            before=before,
            after=settings.with_value(health, '"/readyz"'),
        )
    start = settings.value("deploy", "startCommand")
    if isinstance(start, str) and _DEVELOPMENT.search(start):
        yield problem(
            "startCommand runs the development server",
            path,
            remedy='"startCommand": "npm start"',
        )
    builder = settings.value("build", "builder")
    named = settings.value("build", "dockerfilePath") or "Dockerfile"
    if builder == "DOCKERFILE" and not project.read(f"{project.server}/{named}"):
        yield problem(f"builder is DOCKERFILE, and there is no {named}", path)


def _dockerfile(project: Project) -> Iterator[Finding]:
    path = f"{project.server}/Dockerfile"
    source = project.text(path)
    if source is None:
        return
    instructions = list(_instructions(source))
    stages = [i for i, (_, name, _) in enumerate(instructions) if name == "FROM"]
    for at, name, rest in instructions:
        version = re.search(r"(?:^|[\s/])node:(\d+)", rest) if name == "FROM" else None
        if version and int(version[1]) < _LEAST_NODE:
            remedy = "FROM node:24-slim"
            yield problem(f"Node {version[1]} is too old", path, at, remedy=remedy)
        if name in {"CMD", "ENTRYPOINT"}:
            command = re.sub(r"[\[\],\"]+", " ", rest)
            if _DEVELOPMENT.search(re.sub(r"\s+", " ", command)):
                yield problem(
                    "the container runs the development server",
                    path,
                    at,
                    remedy='CMD ["node", "dist/server.js"]',
                )
        if name in {"COPY", "ADD"} and re.search(r"(?:^|\s|/)\.env(?:\s|$)", rest):
            yield problem(
                "the image holds .env, for everybody who can pull it",
                path,
                at,
                remedy="set the variables where the container runs",
            )
        if name in {"COPY", "ADD"} and re.match(r"(?:--\S+\s+)*\./?\s", rest + " "):
            yield from _ignored_by_docker(project, path, at, rest)
    last = instructions[stages[-1] :] if stages else []
    if last and not any(name == "USER" and rest != "root" for _, name, rest in last):
        yield warning("the container runs as root", path, remedy="USER node")


def _ignored_by_docker(
    project: Project, path: str, at: int, rest: str
) -> Iterator[Finding]:
    rules = project.text(f"{project.server}/.dockerignore") or ""
    listed = {rule.strip().lstrip("/") for rule in rules.splitlines()}
    from_stage = "--from" in rest
    if not from_stage and not listed & {".env", ".env*", "**/.env", "**/.env*", "*"}:
        yield problem(
            "COPY . takes .env into the image: .dockerignore does not name it",
            path,
            at,
            remedy=f"echo .env >> {project.server}/.dockerignore",
        )


def _instructions(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, name and rest of each instruction, continued lines joined."""
    held, start = "", 0
    for number, written in enumerate(source.splitlines(), start=1):
        if written.lstrip().startswith("#") or (not written.strip() and not held):
            continue
        start = start if held else number
        held += written.rstrip().removesuffix("\\") + " "
        if not written.rstrip().endswith("\\"):
            name, _, rest = held.strip().partition(" ")
            yield start, name.upper(), rest.strip()
            held = ""


def _compose(project: Project, path: str) -> Iterator[Finding]:
    source = project.text(path)
    if source is None:
        return
    try:
        document = YAML(typ="safe", pure=True).load(source)
    except YAMLError:
        yield problem(
            "the compose file is no YAML", path, remedy=f"git checkout {path}"
        )
        return
    services = document.get("services") if isinstance(document, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        for variable, value in _environment(service).items():
            where = _line_of(source, variable)
            secret = re.search(r"SECRET|API_KEY", variable) is not None
            if secret and _LITERAL_SECRET.match(value):
                yield problem(
                    f"{variable} of {name} stands in the compose file",
                    path,
                    where,
                    remedy=f"{variable}: ${{{variable}:?}}",
                )
            local = re.search(r"@(?:localhost|127\.0\.0\.1)[:/]", value)
            if variable == "DATABASE_URL" and local:
                yield problem(
                    f"{name}'s database is on localhost, which is the container itself",
                    path,
                    where,
                    remedy="name the database's service as the host",
                )


def _environment(service: object) -> Mapping[str, str]:
    given = service.get("environment") if isinstance(service, dict) else None
    if isinstance(given, dict):
        return {str(k): str(v) for k, v in given.items() if v is not None}
    if isinstance(given, list):
        parts = (str(entry).partition("=") for entry in given)
        return {name: value for name, _, value in parts}
    return {}


def _line_of(source: str, variable: str) -> int:
    at = source.find(variable)
    return source.count("\n", 0, at) + 1 if at >= 0 else 0


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
                    f"the server listens on {host}, which nobody outside reaches",
                    name,
                    line(call),
                    remedy='listen on "0.0.0.0" in production',
                )
