"""What the merge of an update has changed, each file as it was before.

An update begins only where git sees nothing to commit, so that was git's HEAD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..repository import git

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def files_before_update(root: Path) -> Mapping[str, bytes | None]:
    """Return what each changed file held; ``None`` for one that was not there."""
    changed = _listed(root, "diff", "--name-only", "--no-renames", "--relative", "HEAD")
    # As git would put it into the work tree, with the line ends that are wanted there.
    before: dict[str, bytes | None] = {
        path: git.output(root, "cat-file", "--filters", f"HEAD:./{path}")
        for path in changed
    }
    return before | dict.fromkeys(
        _listed(root, "ls-files", "--others", "--exclude-standard")
    )


def forget_conflicts(root: Path, paths: Iterable[str]) -> None:
    """Tell git's index that files are no conflict any more."""
    wanted = sorted(set(paths))
    if not wanted:
        return
    entries = _listed(root, "ls-files", "--unmerged", "--", *wanted)
    if unmerged := {entry.partition("\t")[2] for entry in entries}:
        git.output(root, "reset", "--quiet", "--", *sorted(unmerged))


def _listed(root: Path, command: str, *arguments: str) -> list[str]:
    listed = git.output(root, command, "-z", *arguments) or b""
    return [name for name in listed.decode("utf-8", "replace").split("\0") if name]
