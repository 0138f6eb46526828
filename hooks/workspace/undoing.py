"""What taking a run back would do, as data, so that it can be shown before it is done.

Files that were there before are as they were, new ones go. What a person cannot make
again stays: the secrets that the run made are put aside, where the next copy finds
them, and a development database stays where it is. Git ignores both as before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..errors import DriftError
from .record import Kept, Moved, Write, decoded_or_none, digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .journal import Journal
    from .paths import Tree
    from .record import Change, Record

# Secrets that an undo has put aside are in a folder of this name next to their place.
STATE_FOLDER = ".copier-better-auth"
IGNORES_ALL = b"*\n"
# Made by running the result, below a folder whose .gitignore the run had brought.
_MADE_SINCE = (".data", "node_modules", "dist")


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """What an undo does: to files, and to what was made since.

    ``is_interrupted`` says that the run had been killed in its middle, and that nothing
    but what it left is taken back.
    """

    restored: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[Kept, ...] = ()
    left: tuple[str, ...] = ()
    is_interrupted: bool = False
    writes: tuple[Write, ...] = field(default=(), repr=False)
    moves: tuple[Moved, ...] = field(default=(), repr=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that is restored, removed or put aside."""
        return (*self.restored, *self.removed, *(kept.path for kept in self.kept))


def undoing(tree: Tree, journal: Journal, record: Record) -> Undoing:
    """Return what takes a run back.

    Raises ``DriftError`` naming the files that changed since.
    """
    secrets = [c for c in record.everything if c.is_kept and tree.exists(c.path)]
    others = [c for c in record.everything if c not in secrets]
    changed = [c.path for c in others if not journal.is_untouched(c)]
    if changed:
        message = (
            f"changed since the last run: {', '.join(changed)}; nothing was "
            "undone. Put them back (git stash, or git checkout), then try again"
        )
        raise DriftError(message)
    kept = tuple(_put_aside(tree, change) for change in secrets)
    # What an earlier undo had put aside and this run took is there again by the move.
    taken = {item.at for item in kept}
    concerned = [c for c in others if c.path not in taken]
    left = tuple(_left(tree, concerned))
    ignored = [
        *{str(PurePosixPath(item.at).parent): None for item in kept},
        *left,
    ]
    back = [Moved(path=m.to, to=m.path) for m in reversed(record.moves)]
    return Undoing(
        restored=tuple(c.path for c in concerned if c.before is not None),
        removed=tuple(c.path for c in concerned if c.before is None),
        kept=kept,
        left=left,
        writes=(
            *(_as_before(c) for c in concerned if _differs(tree, c)),
            *_ignoring(tree, ignored),
        ),
        moves=(
            *(m for m in back if tree.exists(m.path)),
            *(Moved(path=item.path, to=item.at) for item in kept),
        ),
    )


def is_there(tree: Tree, record: Record) -> bool:
    """Return True unless all of a run has been taken back, by whatever means."""
    return any(_differs(tree, c) for c in record.everything) or any(
        tree.exists(move.to) for move in record.moves
    )


def _as_before(change: Change) -> Write:
    return Write(
        path=change.path, after=decoded_or_none(change.before), mode=change.mode
    )


def _differs(tree: Tree, change: Change) -> bool:
    """Return True unless a file is already as it was before the run."""
    found = tree.read(change.path)
    if found is None:
        return change.before is not None
    data, mode = found
    set_by_run = mode == change.mode_after and mode != change.mode
    return data != decoded_or_none(change.before) or set_by_run


def _put_aside(tree: Tree, change: Change) -> Kept:
    """Choose a place that git ignores and where nothing is in the way."""
    path = PurePosixPath(change.path)
    number = 0
    while True:
        suffix = f"-{number}" if number else ""
        folder = path.with_name(f"{STATE_FOLDER}{suffix}")
        at = str(folder / path.name)
        if not tree.exists(str(folder)) or (
            tree.is_folder(str(folder))
            and _ignores_all(tree, str(folder))
            and not tree.exists(at)
        ):
            found = tree.read(change.path)
            data = found[0] if found else b""
            return Kept(path=change.path, at=at, digest=digest(data) or "")
        number += 1


def _ignores_all(tree: Tree, folder: str) -> bool:
    ignore = f"{folder}/.gitignore"
    if not tree.exists(ignore):
        return False
    try:
        found = tree.read(ignore)
    except DriftError:
        return False
    return found is not None and found[0] == IGNORES_ALL


def _left(tree: Tree, changes: Sequence[Change]) -> Iterator[str]:
    """Yield the folders that only a .gitignore hid which goes now."""
    for change in changes:
        path = PurePosixPath(change.path)
        if path.name == ".gitignore" and change.before is None:
            made = (str(path.with_name(name)) for name in _MADE_SINCE)
            yield from (folder for folder in made if tree.is_folder(folder))


def _ignoring(tree: Tree, folders: Sequence[str]) -> Iterator[Write]:
    for folder in folders:
        if not _ignores_all(tree, folder):
            yield Write(path=f"{folder}/.gitignore", after=IGNORES_ALL, mode=0o644)
