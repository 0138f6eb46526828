"""What the merge of an update has changed, each file as it was before.

An update begins only where git sees nothing to commit, so that was git's HEAD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..repository import git
from .ignored_files import ignored_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def files_before_update(root: Path) -> Mapping[str, bytes | None]:
    """Return what each changed file held; ``None`` for one that was not there."""
    only = ("--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=all")
    changed = git.paths(root, "diff", "-z", *only, "--relative", "HEAD")
    before = {path: git.committed(root, path, checked_out=True) for path in changed}
    new = git.paths(root, "ls-files", "-z", "--others", "--exclude-standard")
    return {**before, **dict.fromkeys(new), **ignored_before(root)}


def forget_conflicts(root: Path, paths: Iterable[str]) -> None:
    """Tell git's index that files are no conflict any more."""
    wanted = sorted(set(paths))
    if not wanted:
        return
    entries = git.paths(root, "ls-files", "-z", "--unmerged", "--", *wanted)
    if unmerged := {entry.partition("\t")[2] for entry in entries}:
        git.output(root, "reset", "--quiet", "--", *sorted(unmerged))
