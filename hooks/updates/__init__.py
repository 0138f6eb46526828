"""What rendering cannot do in an update: keep lines, follow folders, pass releases.

Each is an edit, planned before all others, so that it is shown, applied and undone with
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .changed_files import files_before_update, forget_conflicts
from .conflicts import conflicts_in
from .moved_folders import mark_merged, moved_folders, moves
from .own_lines import OwnWork
from .renderings import Renderings
from .upgrades import upgrades_between

if TYPE_CHECKING:
    from ..answers import Answers
    from ..edits import Edit
    from ..model import Versions

__all__ = [
    "OwnWork",
    "Renderings",
    "conflicts_in",
    "edits_of_update",
    "files_before_update",
    "forget_conflicts",
    "mark_merged",
    "moves",
]


def edits_of_update(
    own_work: OwnWork, renderings: Renderings, answers: Answers, versions: Versions
) -> tuple[Edit, ...]:
    """Return what this update must do first, from one release to the other."""
    return (
        own_work.merge_again,
        *moved_folders(renderings, answers),
        *(upgrade.edit for upgrade in upgrades_between(versions)),
    )
