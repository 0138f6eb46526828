"""A chain of revisions with two ends, or with a link missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...discovery.revisions import are_apart
from ...rendering.commands import run_alembic
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="two ends of the chain",
        path="{versions}/other_head.py",
        after='revision = "other"\ndown_revision = None\n',
    ),
    Broken(
        title="a link of the chain is missing",
        path="{versions}/*_add_auth_tables.py",
        before="down_revision = None",
        after='down_revision = "0123456789ab"',
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for more than one end, and for a revision that no file defines."""
    graph = project.graph
    if project.versions is None:
        return
    if graph.missing_parents:
        yield problem(
            f"no file defines the revision {graph.missing_parents[0]}",
            project.versions,
            remedy="restore it from git, or correct down_revision",
        )
    elif len(graph.heads) > 1 and not are_apart(graph, project.locations):
        yield problem(
            f"the chain has {len(graph.heads)} ends: {', '.join(graph.heads)}",
            project.versions,
            remedy=run_alembic(project.answers, "merge heads -m merge"),
        )
