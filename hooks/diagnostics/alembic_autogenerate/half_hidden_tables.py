"""A filter that hides the tables in the database, and not those of the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...migrations.alembic_filter import PREFIX, configure_calls, names_auth_tables
from ...model import Status
from ...syntax.python import arguments, line, text
from .._check import Broken, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.python import Module
    from .._project import Project

BROKEN = (
    Broken(
        title="models and a filter that hides only what the database has",
        path="{backend}/migrations/env.py",
        before="connection=connection, target_metadata=target_metadata",
        after="connection=connection, target_metadata=target_metadata, "
        'include_name=lambda name, *_: not (name or "").startswith("auth_")',
        severity=Status.WARN,
    ),
)


def find(project: Project, path: str, module: Module) -> Iterator[Finding]:
    """Look at each ``include_name``, where the models have the tables."""
    if not knows_tables(project):
        return
    for call in configure_calls(module):
        hook = arguments(call)[1].get("include_name")
        if hook is not None and names_auth_tables(module, hook):
            yield warning(
                f"autogenerate would create the auth tables again: {text(hook)} hides "
                "those in the database, and the models have them too",
                path,
                line(hook),
                remedy=f"let {text(hook)} leave names that begin with {PREFIX} alone",
            )


def knows_tables(project: Project) -> bool:
    """Return True if the models hold the auth tables, and Alembic gets to see them.

    Those of the auth package count where another file imports them.
    """
    declared = {found.table: found.path for found in project.modelled}
    if not {table.name for table in project.tables} <= set(declared):
        return False
    package = f"{project.package}/"
    inside = {path for path in declared.values() if path.startswith(package)}
    names = {path.rpartition("/")[2].removesuffix(".py") for path in inside}
    return not inside or any(
        found.name in names or found.module.rpartition(".")[2] in names
        for path in project.below(project.backend, ".py")
        if not path.startswith(package) and (module := project.module(path)) is not None
        for found in module.imports
        if project.answers.package_module in f"{found.module}.{found.name}"
        or found.level
    )
