"""What a container must not be, hold or run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...catalogue.pinned import LOWEST_NODE
from ...model import Status
from ...repository.images import instructions
from .._check import Broken, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

DEVELOPMENT_SERVER = re.compile(
    r"\b(?:npm|pnpm|yarn|bun)(?:\s{1,99}run)?\s{1,99}dev\b|\btsx\s{1,99}watch\b|nodemon"
)

BROKEN = (
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
)


def find(project: Project) -> Iterator[Finding]:
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
