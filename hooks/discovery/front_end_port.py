"""Find the origin that the front end has in development, from its own configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..env.dotenv import entries
from ..model import Confidence, Evidence, Fact
from ..repository.paths import join
from .configured_port import configured_ports, is_configuration
from .package_json import dependencies_of, package_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repository import Repository

# What starts a front end's own server, by the script's name.
_SCRIPTS = ("dev", "start", "serve")
_IN_SCRIPT = re.compile(
    r"(?:(?:^|\s)(?:-p|--port)[=\s]\s{0,9}|(?:^|\s)PORT=)(?:\$\{\w{1,60}:-)?"
    r"(\d{2,5})\b(?!:)"
)
_QUOTED_NUMBER = re.compile(r"([\"'])(\d{2,5})\1")
# One script often starts several programs, and some of them are no front end.
_BETWEEN_COMMANDS = re.compile(r"&&|\|\||[&|;\"'\n]")
_OTHER_PROGRAM = re.compile(
    r"(?:^|[\s/\\])(?:uvicorn|gunicorn|fastapi|hypercorn|granian|flask|daphne|docker"
    r"|python[\d.]{0,5})(?:\.exe)?(?:\s|$)"
)
_ENV_FILES = (".env.development.local", ".env.local", ".env.development", ".env")
_EXAMPLES = (".env.example", ".env.sample", "example.env")
# Of the tools that read a variable from an env file by themselves.
_READS_PORT = frozenset({"react-scripts"})
# The first of a package's dependencies that is here serves it, at its own port.
_DEFAULTS = {
    "@angular/core": 4200,
    "astro": 4321,
    "nuxt": 3000,
    "next": 3000,
    "gatsby": 8000,
    "react-scripts": 3000,
    "@vue/cli-service": 8080,
    "@solidjs/start": 3000,
    "@sveltejs/kit": 5173,
    "vite": 5173,
}


def find_front_end_origin(repository: Repository, folder: str | None) -> Fact[str]:
    """Find the origin from which the front end in ``folder`` calls in development."""
    if folder is None:
        return Fact()
    for port, evidence, confidence in (
        *_from_scripts(repository, folder),
        *_from_configuration(repository, folder),
        *_from_defaults(repository, folder),
    ):
        if 0 < port < 2**16:
            origin = f"http://localhost:{port}"
            return Fact(value=origin, confidence=confidence, evidence=(evidence,))
    return Fact()


def _from_scripts(
    repository: Repository, folder: str
) -> Iterator[tuple[int, Evidence, Confidence]]:
    path = join(folder, "package.json")
    scripts = package_json(repository, path).get("scripts")
    if not isinstance(scripts, dict):
        return
    # A later one is of production, where there is an earlier one.
    name = next((name for name in _SCRIPTS if name in scripts), "")
    command = _QUOTED_NUMBER.sub(r"\2", str(scripts.get(name, "")))
    for part in _BETWEEN_COMMANDS.split(command):
        found = _IN_SCRIPT.search(part)
        if found and not _OTHER_PROGRAM.search(part):
            why = f"npm run {name} serves there"
            yield int(found[1]), Evidence(path=path, why=why), Confidence.CERTAIN


def _from_configuration(
    repository: Repository, folder: str
) -> Iterator[tuple[int, Evidence, Confidence]]:
    for path in repository.in_folder(folder):
        name = path.rpartition("/")[2]
        if not is_configuration(name):
            continue
        for port in configured_ports(name, repository.text(path) or ""):
            if port.number is None:
                yield from _from_variable(repository, folder, port.variable)
                continue
            evidence = Evidence(
                path=path, line=port.line, why="is the front end's port"
            )
            sure = Confidence.CERTAIN if port.is_only else Confidence.LIKELY
            yield port.number, evidence, sure
    if _READS_PORT & dependencies_of(repository, join(folder, "package.json")):
        yield from _from_variable(repository, folder, "PORT")


def _from_variable(
    repository: Repository, folder: str, variable: str
) -> Iterator[tuple[int, Evidence, Confidence]]:
    """Yield the port that an env file of the front end gives; an example is likely."""
    for names, confidence in (
        (_ENV_FILES, Confidence.CERTAIN),
        (_EXAMPLES, Confidence.LIKELY),
    ):
        for name in names:
            path = join(folder, name)
            value = entries(repository.text(path) or "").get(variable, "")
            if value.isdecimal() and len(value) <= 5:  # noqa: PLR2004 - digits of a port
                evidence = Evidence(path=path, why=f"sets {variable}")
                yield int(value), evidence, confidence


def _from_defaults(
    repository: Repository, folder: str
) -> Iterator[tuple[int, Evidence, Confidence]]:
    path = join(folder, "package.json")
    packages = dependencies_of(repository, path)
    for package, port in _DEFAULTS.items():
        if package in packages:
            why = f"{package} serves there unless told otherwise"
            yield port, Evidence(path=path, why=why), Confidence.LIKELY
