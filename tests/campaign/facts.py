"""What is known of each repository before it is tried: facts only, read from YAML."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

REPOSITORIES = Path(__file__).with_name("repositories.yaml")


@dataclass(frozen=True, kw_only=True)
class Container:
    """What the project's Dockerfile does: which paths it copies, and how it starts.

    ``copies`` leads from a path of the repository to one of the image's folder;
    ``start`` is run in ``folder`` of it, with the port in ``$PORT``.
    """

    copies: dict[str, str]
    start: str
    folder: str = "."
    env: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A public repository, the commit that is tried, and how its own people run it.

    ``manager`` is run in ``folder`` with ``python``; ``install`` are its commands.
    ``files``, what ``prepare`` makes and ``env`` are what a developer has and git does
    not: mostly ``.env``. ``hosts`` are names that only the project's compose network
    knows, ``ports`` further ones that it expects PostgreSQL on. ``answers`` are what a
    question needs where discovery is ambiguous.
    """

    repo: str
    commit: str
    shape: str
    manager: str
    install: str
    folder: str = "."
    python: str = "3.12"
    node: str = "npm"
    files: dict[str, str] = field(default_factory=dict[str, str])
    prepare: str = ""
    env: dict[str, str] = field(default_factory=dict[str, str])
    database: str = ""
    test_database: str = ""
    roles: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    services: tuple[str, ...] = ()
    migrate: str = ""
    migrate_in: str = ""
    tests: str = ""
    tests_env: dict[str, str] = field(default_factory=dict[str, str])
    answers: dict[str, str] = field(default_factory=dict[str, str])
    container: Container | None = None

    @property
    def name(self) -> str:
        """The folder that a clone of it is expected in."""
        return self.repo.replace("/", "+")

    @property
    def options(self) -> list[str]:
        """The answers as they are typed."""
        return [
            part
            for name, value in self.answers.items()
            for part in ("-d", f"{name}={value}")
        ]


def repositories(path: Path = REPOSITORIES) -> list[Repository]:
    """Read all of them, in the order in which they were chosen."""
    return [_repository(given) for given in yaml.safe_load(path.read_text())]


def _repository(given: dict[str, Any]) -> Repository:
    known = {one.name for one in fields(Repository)}
    if unknown := set(given) - known:
        message = f"{given.get('repo')}: unknown facts {sorted(unknown)}"
        raise ValueError(message)
    if "container" in given:
        given["container"] = Container(**given["container"])
    for name in ("roles", "hosts", "ports", "services"):
        given[name] = tuple(given.get(name, ()))
    return Repository(**given)
