"""Secrets, and a database that no container reaches, in a compose file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...repository.compose import NAMES
from ...syntax.yaml import YAMLError, load_yaml
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...model import Finding
    from .._project import Project

_LITERAL_SECRET = re.compile(r"^(?!\$)[^\s$]{8,}$")

BROKEN = (
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


def find(project: Project) -> Iterator[Finding]:
    """Read the compose files of the auth server's folder."""
    for name in NAMES:
        yield from _in_file(project, f"{project.server}/{name}")


def _in_file(project: Project, path: str) -> Iterator[Finding]:
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
