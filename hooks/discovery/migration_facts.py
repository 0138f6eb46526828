"""What is known of the migrations of a project, whatever system they are of."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..model import Fact, Heads

if TYPE_CHECKING:
    from ..repository import Repository


@dataclass(frozen=True, kw_only=True)
class Migrations:
    """What migrates the database: system, configuration, folder and heads.

    Alembic may read several folders: ``locations`` are all, ``versions`` is the first.
    ``env`` is the ``env.py`` that it runs, which may be far from any of them.
    """

    system: Fact[str]
    ini: Fact[str]
    versions: Fact[str]
    file_template: Fact[str]
    heads: Fact[Heads]
    locations: Fact[tuple[str, ...]] = field(default_factory=Fact[tuple[str, ...]])
    presumed: Fact[str] = field(default_factory=Fact[str])
    directory: Fact[str] = field(default_factory=Fact[str])
    options: Fact[str] = field(default_factory=Fact[str])
    env: Fact[str] = field(default_factory=Fact[str])


UNKNOWN_MIGRATIONS = Migrations(
    system=Fact(), ini=Fact(), versions=Fact(), file_template=Fact(), heads=Fact()
)


def folder_inside(repository: Repository, folder: str, location: str) -> str | None:
    """Return what ``location`` names from ``folder``, if it is in the repository."""
    path = posixpath.normpath(posixpath.join(folder, location))
    return path if path in repository.folders else None
