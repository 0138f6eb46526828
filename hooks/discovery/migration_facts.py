"""What is known of the migrations of a project, whatever system they are of."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model import Fact, Heads


@dataclass(frozen=True, kw_only=True)
class Migrations:
    """What migrates the database: system, configuration, folder and heads."""

    system: Fact[str]
    ini: Fact[str]
    versions: Fact[str]
    file_template: Fact[str]
    heads: Fact[Heads]
    presumed: Fact[str] = field(default_factory=Fact[str])
    directory: Fact[str] = field(default_factory=Fact[str])
    options: Fact[str] = field(default_factory=Fact[str])


UNKNOWN_MIGRATIONS = Migrations(
    system=Fact(), ini=Fact(), versions=Fact(), file_template=Fact(), heads=Fact()
)
