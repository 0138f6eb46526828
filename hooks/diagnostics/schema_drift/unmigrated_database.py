"""A database in which better-auth would still migrate something."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...probe import look
from ...rendering.commands import run_alembic, within
from .._check import FIX, problem, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...probe import Seen
    from .._project import Project

_ASKED_FOR = re.compile(
    r'(?i)(?:create table|alter table) "?(\w+)"?(?: add column "?(\w+)"?)?'
)


def probe(project: Project) -> Iterator[Finding]:
    """Ask better-auth what it would still migrate."""
    seen = look(project.auth_server)
    if seen.reason:
        yield unasked(project, seen.reason)
    elif seen.pending:
        first = seen.pending.splitlines()[0][:120]
        yield problem(
            f"the database is not migrated; better-auth would run: {first}",
            project.env_path,
            remedy=_migrate(project, seen),
        )


def _migrate(project: Project, seen: Seen) -> str:
    """Return what to type so that the database has what better-auth asks for."""
    asked = [(m[1], m[2]) for m in _ASKED_FOR.finditer(seen.pending)]
    known = {table.name: {c.name for c in table.columns} for table in project.tables}
    if any(t not in known or (c and c not in known[t]) for t, c in asked):
        # A plugin, a field, or a newer better-auth stores what nothing else knows yet.
        return "copier-better-auth sync"
    if project.answers.migrated_by == "server":
        manager = project.answers.auth_node_package_manager
        return within(project.server, f"{manager} run migrate")
    if project.answers.migrated_by == "alembic":
        if not seen.is_at(project.graph.heads):
            return run_alembic(project.answers, "upgrade head")
        statement = seen.pending.partition(";")[0]
        return f"every revision is applied, so make it by hand: {statement};"
    making = dict.fromkeys(
        found.path for (table, _), found in project.migrated.items() if table in known
    )
    return f"apply {', '.join(making)}" if making else FIX
