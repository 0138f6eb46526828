"""What rendering cannot do in an update: follow moved folders, pass old releases.

Each is an edit, planned before all others, so that it is shown, applied and undone with
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .changed_files import files_before_update, forget_conflicts
from .moved_folders import mark_merged, moved_folders
from .upgrades import upgrades_between

if TYPE_CHECKING:
    from pathlib import Path

    from ..answers import Answers
    from ..edits import Edit
    from ..model import Versions

__all__ = [
    "edits_of_update",
    "files_before_update",
    "forget_conflicts",
    "mark_merged",
]


def edits_of_update(
    root: Path, answers_file: str, answers: Answers, versions: Versions
) -> tuple[Edit, ...]:
    """Return what this update must do first, from one release to the other."""
    return (
        *moved_folders(root, answers_file, answers),
        *(upgrade.edit for upgrade in upgrades_between(versions)),
    )
