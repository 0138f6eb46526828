"""Read the revisions that Alembic reads: the one list of them for every caller."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..migrations.graph import Graph, read_graph, without_archives
from ..repository.paths import below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..repository import Repository


def read_revisions(
    repository: Repository,
    folder: str,
    *,
    subfolders: bool | None,
    files: Iterable[str] | None = None,
    read: Callable[[str], str | None] | None = None,
) -> Graph:
    """Return the graph of the revisions in ``folder``, those that git ignores too.

    ``subfolders`` is what Alembic's configuration says of the folders within, ``None``
    where git has no configuration. ``files`` and ``read`` are those of the repository
    unless there are planned ones.
    """
    folders = [folder]
    if subfolders:
        folders = _folders_in(repository, folder)
    elif subfolders is None:
        folders += sorted({*below(repository.folders, folder)} - {folder})
    listed = below(repository.files if files is None else files, folder)
    if subfolders is False:
        listed = [path for path in listed if (path.rpartition("/")[0] or ".") == folder]
    ignored = (path for place in folders for path in repository.ignored_in(place))
    graph = read_graph(dict.fromkeys([*listed, *ignored]), read or repository.text)
    return without_archives(graph) if subfolders is None else graph


def _folders_in(repository: Repository, folder: str) -> list[str]:
    """Return the folders from ``folder`` on, those that git ignores included."""
    walked = os.walk(repository.root / folder)
    found = {
        Path(path).relative_to(repository.root).as_posix() for path, _, _ in walked
    }
    return sorted(found | {folder})
