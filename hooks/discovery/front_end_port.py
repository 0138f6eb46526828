"""Find the origin that the front end has in development, from its own configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..env.dotenv import entries
from ..model import Confidence, Evidence, Fact
from ..repository.paths import join
from ..syntax.lines import numbered
from .package_json import dependencies_of, package_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..repository import Repository

# What starts a front end's own server, by the script's name.
_SCRIPTS = ("dev", "start", "serve")
_IN_SCRIPT = re.compile(
    r"(?:(?:^|\s)(?:-p|--port)[=\s]\s{0,9}|(?:^|\s)PORT=)[\"']?(\d{2,5})\b"
)
# vite.config.ts, nuxt.config.ts and others name it so, with or without a variable.
_CONFIGS = re.compile(
    r"^(?:vite|nuxt|astro|vue|svelte|app|rsbuild|farm)\.config\.\w{2,3}$"
)
_PORT = re.compile(
    r"\bport[\"']?\s{0,9}:\s{0,9}(?:[^\n,;}]{0,99}?(?:\|\||\?\?)\s{0,9})?"
    r"(?:\w{1,20}\()?[\"']?(\d{2,5})\b"
)
_PORT_VARIABLE = re.compile(r"\bport[\"']?\s{0,9}:[^\n,;}]{0,99}?\benv\.(\w{1,60})")
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
    for name in _SCRIPTS:
        command = scripts.get(name) if isinstance(scripts, dict) else None
        found = _IN_SCRIPT.search(command) if isinstance(command, str) else None
        if found:
            why = f"npm run {name} serves there"
            yield int(found[1]), Evidence(path=path, why=why), Confidence.CERTAIN


def _from_configuration(
    repository: Repository, folder: str
) -> Iterator[tuple[int, Evidence, Confidence]]:
    for path in sorted(repository.files):
        inside, _, name = path.rpartition("/")
        if (inside or ".") != folder or not _is_configuration(name):
            continue
        content = repository.text(path) or ""
        for variable, _ in numbered(_PORT_VARIABLE, content):
            yield from _from_variable(repository, folder, variable[1])
        for found, line in numbered(_PORT, content):
            evidence = Evidence(path=path, line=line, why="is the front end's port")
            yield int(found[1]), evidence, Confidence.CERTAIN
    if _READS_PORT & dependencies_of(repository, join(folder, "package.json")):
        yield from _from_variable(repository, folder, "PORT")


def _is_configuration(name: str) -> bool:
    return _CONFIGS.match(name) is not None or name == "angular.json"


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
