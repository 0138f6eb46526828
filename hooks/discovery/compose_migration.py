"""How the database of the project's compose file is brought up to date.

By what compose starts already, by a service that is there for it, as the project's own
documents say, or in a container of the application's service, which need not run::

    docker compose run --rm api alembic upgrade head
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..answers.choices import ON_HOST
from ..model import Confidence, Evidence, Fact
from ..repository.compose import Compose, dockerfile, read_compose, started_by
from ..repository.images import lacks

if TYPE_CHECKING:
    from ..repository import Repository

_UPGRADES = re.compile(r"\balembic\b[^\n;&|]{0,99}?\bupgrade\b")
_TOLD = re.compile(
    r"docker[ -]compose(?: --?[\w-]+(?:[ =][\w./-]+)?){0,3} (?:exec|run)"
    r"(?: --?\w[\w-]*){0,3} (?P<service>[\w.-]{1,99})"
    r" (?P<runs>(?:(?:uv|poetry|pdm|pipenv|hatch) run )?(?:python -m )?alembic"
    r"(?: -[\w-]+(?:[ =][\w.:/-]+)?){0,3} upgrade heads?)\b"
)
_DOCUMENTS = re.compile(
    r"(^|/)(README[^/]{0,60}|[Mm]akefile|[Jj]ustfile|[^/]{1,60}\.sh)$"
)
_RUN_BY = re.compile(
    r"\b(uv|poetry|pdm|pipenv|hatch)[\"', ]{1,4}run[\"', ]{1,4}(?!alembic)"
)
_ENTRY = re.compile(r"(?m)^ENTRYPOINT\s+(.{1,299})$")
_SERVER = re.compile(r"\b(?:uvicorn|gunicorn|fastapi|granian|hypercorn|python3?)\b")


def find_compose_migration(
    repository: Repository,
    file: Fact[str],
    service: Fact[str],
    alembic: str,
    needed: tuple[str, ...],
) -> Fact[str]:
    """Return what follows ``docker compose``; nothing where ``up`` migrates itself.

    ``alembic`` is how the project calls Alembic, and ``needed`` are the files for it:
    where the image certainly lacks one, it is run outside of compose.
    """
    path, name = file.value, service.value
    if path is None or name is None:
        return Fact()
    compose = read_compose(path, repository.text(path) or "")
    if isinstance(compose, str):
        return Fact()
    for other, given in compose.services.items():
        if _UPGRADES.search(started_by(compose, str(other), repository.text)):
            at_start = other == name or not given.get("profiles")
            return _likely("" if at_start else f"run --rm {other}", path)
    told = _told(repository, compose)
    return told or _in_the_image(repository, compose, name, alembic, needed)


def _in_the_image(
    repository: Repository,
    compose: Compose,
    name: str,
    alembic: str,
    needed: tuple[str, ...],
) -> Fact[str]:
    """Return a command for the application's image, if that has Alembic's files."""
    path = compose.path
    if any(lacks(compose, name, file, repository.text) for file in needed):
        return _likely(ON_HOST, path)
    started = started_by(compose, name, repository.text)
    found = _RUN_BY.search(started)
    runs = f"{found[1]} run " if found else ""
    words = f"{runs}{alembic} upgrade head"
    if _starts_a_server(repository, compose, name):
        first, _, rest = words.partition(" ")
        return _likely(f"run --rm --entrypoint {first} {name} {rest}", path)
    return _likely(f"run --rm {name} {words}", path)


def _told(repository: Repository, compose: Compose) -> Fact[str] | None:
    """Return what the project's own documents type, in a container that is new."""
    for path in repository.matching(_DOCUMENTS):
        for found in _TOLD.finditer(repository.text(path) or ""):
            if found["service"] in compose.services:
                return _likely(f"run --rm {found['service']} {found['runs']}", path)
    return None


def _starts_a_server(repository: Repository, compose: Compose, name: str) -> bool:
    """Return True if what is typed would be arguments of the server."""
    given = compose.services[name].get("entrypoint")
    if given is not None:
        return _SERVER.search(str(given)) is not None
    image = repository.text(dockerfile(compose, name) or "") or ""
    entry = _ENTRY.findall(image)
    return bool(entry) and _SERVER.search(entry[-1]) is not None


def _likely(value: str, path: str) -> Fact[str]:
    place = Evidence(path=path, why="says how its database is migrated")
    return Fact(value=value, confidence=Confidence.LIKELY, evidence=(place,))
