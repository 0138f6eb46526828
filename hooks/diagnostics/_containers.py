"""The files that put the auth server into containers: Dockerfile and compose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..catalogue.pinned import LOWEST_NODE
from ..repository.images import instructions
from ..syntax.yaml import YAMLError, load_yaml
from ._check import problem, warning
from ._platforms import DEVELOPMENT_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model import Finding
    from ._project import Project

COMPOSE_FILES = (
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
)
_LITERAL_SECRET = re.compile(r"^(?!\$)[^\s$]{8,}$")


def dockerfile(project: Project) -> Iterator[Finding]:
    """Find what a container must not be, hold or run."""
    path = f"{project.server}/Dockerfile"
    source = project.text(path)
    if source is None:
        return
    given = list(instructions(source))
    stages = [i for i, (_, name, _) in enumerate(given) if name == "FROM"]
    for at, name, rest in given:
        version = re.search(r"(?:^|[\s/])node:(\d+)", rest) if name == "FROM" else None
        if version and int(version[1]) < LOWEST_NODE[0]:
            remedy = "FROM node:24-slim"
            yield problem(f"Node {version[1]} is too old", path, at, remedy=remedy)
        if name in {"CMD", "ENTRYPOINT"}:
            command = re.sub(r"[\[\],\"]+", " ", rest)
            if DEVELOPMENT_SERVER.search(re.sub(r"\s{1,99}", " ", command)):
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
        if name in {"COPY", "ADD"} and re.match(r"(?:--\S++\s++)*+\./?\s", rest + " "):
            yield from _ignored_by_docker(project, path, at, rest)
    last = given[stages[-1] :] if stages else []
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


def compose(project: Project, path: str) -> Iterator[Finding]:
    """Find secrets, and a database that no container reaches, in a compose file."""
    source = project.text(path)
    if source is None:
        return
    try:
        document = load_yaml(source)
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
                    f"{variable} of {name} is in the compose file",
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
