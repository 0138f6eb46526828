"""The graph of Alembic revisions, read as text: nothing is imported or run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..syntax.python import descendants, parse, string_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

# Files that Alembic leaves out by their names.
_UNREAD = ("__init__", ".#")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One revision file."""

    path: str
    id: str
    down: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class Graph:
    """All revisions of one versions folder."""

    revisions: tuple[Revision, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """The revisions that no other one follows, sorted."""
        followed = {parent for revision in self.revisions for parent in revision.down}
        return tuple(sorted(r.id for r in self.revisions if r.id not in followed))

    @property
    def missing_parents(self) -> tuple[str, ...]:
        """Parents that no file defines: Alembic cannot load such a graph."""
        known = {revision.id for revision in self.revisions}
        parents = {parent for revision in self.revisions for parent in revision.down}
        return tuple(sorted(parents - known))


def read_graph(paths: Iterable[str], read: Callable[[str], str | None]) -> Graph:
    """Read the revision files among ``paths``; ``read`` returns a file's text."""
    found = (
        _revision(path, source)
        for path in paths
        if path.endswith(".py") and not path.rpartition("/")[2].startswith(_UNREAD)
        if (source := read(path)) and "revision" in source
    )
    return Graph(revisions=tuple(revision for revision in found if revision))


def without_archives(graph: Graph) -> Graph:
    """Leave out what is in folders and has no connection to the files beside them.

    It is a guess, for where no configuration says which folders Alembic reads.
    """
    revisions = graph.revisions
    top = min((revision.path.count("/") for revision in revisions), default=0)
    kept = [revision for revision in revisions if revision.path.count("/") == top]
    known = {revision.id for revision in kept}
    waiting = [r for r in revisions if r.path.count("/") > top and r.id not in known]
    while waiting:
        parents = {parent for revision in kept for parent in revision.down}
        new = [r for r in waiting if r.id in parents or known & {*r.down}]
        if not new:
            break
        kept += new
        known |= {revision.id for revision in new}
        waiting = [revision for revision in waiting if revision not in new]
    return Graph(revisions=tuple(r for r in revisions if r in kept))


def _revision(path: str, source: str) -> Revision | None:
    values: dict[str, Node] = {}
    for assignment in parse(source.encode()).assignments():
        values.setdefault(assignment.target, assignment.value)
    identity = string_value(values.get("revision"))
    if identity is None:
        return None
    down = values.get("down_revision")
    nodes = [] if down is None else [down, *descendants(down)]
    parents = (string_value(node) for node in nodes if node.type == "string")
    return Revision(
        path=path,
        id=identity,
        down=tuple(parent for parent in parents if parent is not None),
        source=source,
    )
