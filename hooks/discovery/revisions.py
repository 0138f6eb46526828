"""Read the revisions that Alembic reads: the one list of them for every caller."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..migrations.graph import Graph, read_graph, without_archives
from ..repository.paths import below, below_sorted, is_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..migrations.graph import Revision
    from ..repository import Repository


def read_revisions(
    repository: Repository,
    locations: Iterable[str],
    *,
    subfolders: bool | None,
    files: Sequence[str] | None = None,
    read: Callable[[str], str | None] | None = None,
) -> Graph:
    """Return the one graph of the revisions in some folders, those git ignores too.

    ``subfolders`` is what Alembic's configuration says of the folders within, ``None``
    where git has no configuration. ``files``, which are sorted, and ``read`` are those
    of the repository unless there are planned ones.
    """
    listed = repository.files if files is None else files
    revisions: dict[str, Revision] = {}
    for folder in locations:
        paths = _revisions_in(repository, folder, listed, subfolders=subfolders)
        graph = read_graph(paths, read or repository.text)
        graph = without_archives(graph) if subfolders is None else graph
        revisions |= {revision.path: revision for revision in graph.revisions}
    return Graph(revisions=tuple(revisions.values()))


def folder_after(graph: Graph, locations: Sequence[str]) -> str | None:
    """Return the folder of the next revision: as Alembic has it, of what it follows."""
    places = _places_of_heads(graph, locations)
    return places[0] if len(places) == 1 else next(iter(locations), None)


def are_apart(graph: Graph, locations: Sequence[str]) -> bool:
    """Return True if each head is in its own folder: branches that are kept apart."""
    places = _places_of_heads(graph, locations)
    return len(set(places)) == len(places)


def _places_of_heads(graph: Graph, locations: Sequence[str]) -> list[str]:
    heads = graph.heads
    return [
        # One location may be within another.
        max((folder for folder in locations if is_below(one.path, folder)), key=len)
        for one in graph.revisions
        if one.id in heads
    ]


def _revisions_in(
    repository: Repository,
    folder: str,
    listed: Sequence[str],
    *,
    subfolders: bool | None,
) -> list[str]:
    """Return the files that are read in one folder, and in those within."""
    folders = [folder]
    if subfolders:
        folders = _folders_in(repository, folder)
    elif subfolders is None:
        folders += sorted({*below(repository.folders, folder)} - {folder})
    inside = below_sorted(listed, folder)
    if subfolders is False:
        inside = [path for path in inside if (path.rpartition("/")[0] or ".") == folder]
    ignored = (path for place in folders for path in repository.ignored_in(place))
    return [*inside, *ignored]


def _folders_in(repository: Repository, folder: str) -> list[str]:
    """Return the folders from ``folder`` on, those that git ignores included."""
    walked = os.walk(repository.root / folder)
    found = {
        Path(path).relative_to(repository.root).as_posix() for path, _, _ in walked
    }
    return sorted(found | {folder})
