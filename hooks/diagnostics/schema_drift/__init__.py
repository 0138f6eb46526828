"""BA013: better-auth, the migrations and FastAPI must mean the same tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import (
    foreign_queries,
    missing_migration,
    required_columns,
    unmigrated_database,
    wrong_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class SchemaDrift(Check):
    """Three parties name the same tables: better-auth, the migrations, FastAPI.

    better-auth compares its own idea with the database when it starts and answers 500
    to everything where something is missing. Its names are set in ``schema.ts``; the
    migrations must make each table and column; FastAPI's SQL must use those names.
    Where the packages are installed and the database answers, better-auth itself says
    what it would still migrate. The fix adds what the migrations lack. A column that
    another has put into one of the tables, ``NOT NULL`` and without a default, makes
    every insert fail: give it a default, allow ``NULL``, or let better-auth fill it.
    """

    code = "BA013"
    name = "schema-drift"
    healthy = "better-auth, the migrations and FastAPI name the same tables"
    proof = (
        "names by syntax tree; better-auth's own getMigrations on the database, and "
        "PostgreSQL's catalogue"
    )
    example = 'export const user = { modelName: "auth_user", fields: { ... } };'
    broken = (
        *wrong_names.BROKEN,
        *missing_migration.BROKEN,
        *foreign_queries.BROKEN,
        *required_columns.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare the names in ``schema.ts``, in migrations, in FastAPI's SQL."""
        yield from wrong_names.find(project)
        yield from missing_migration.find(project)
        yield from foreign_queries.find(project)
        yield from required_columns.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask better-auth what it would still migrate, and the catalogue."""
        yield from unmigrated_database.probe(project)
        yield from required_columns.probe(project)
