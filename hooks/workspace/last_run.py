"""Which run an undo takes back: the last one of which something is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DriftError, NothingToUndoError
from .record import digest, tokens
from .undoing import STATE_FOLDER, is_there

if TYPE_CHECKING:
    from .journal import Journal
    from .paths import Tree
    from .record import Change, Record
    from .undo_store import UndoStore

_EARLIER_RECORD = "last-run.json"


def last_run(tree: Tree, store: UndoStore, journal: Journal) -> Record:
    """Return the record of that run, also where its folder has moved or was copied.

    Raises ``NothingToUndoError`` where there is none.
    """
    state = store.read()
    for record in state.last.and_before if state.last else ():
        if is_there(tree, record):
            return record
    others = (other.last for other in store.others() if other.last)
    if found := [record for record in others if _made_secret_here(tree, record)]:
        return min(found, key=lambda record: _changed_since(journal, record))
    message = "there is no run to undo here"
    earlier = sorted(tree.root.glob(f"*/{STATE_FOLDER}/{_EARLIER_RECORD}"))
    if earlier:
        message += (
            f"; {earlier[0].relative_to(tree.root)} is an earlier release's "
            "record, which is not read any more: use git to go back"
        )
    raise NothingToUndoError(message)


def _made_secret_here(tree: Tree, record: Record) -> bool:
    """Return True if a secret that only that run can have made is here.

    The other files may have come here by git, into a clone that had no run.
    """
    return any(
        change.is_kept and _has_secret(tree, change)
        for of in record.and_before
        for change in of.everything
    )


def _has_secret(tree: Tree, change: Change) -> bool:
    try:
        found = tree.read(change.path)
    except (DriftError, OSError):
        return False
    # Its user may have written further lines into the file.
    known = {*change.tokens, change.after}
    return found is not None and not known.isdisjoint(
        (*tokens(found[0]), digest(found[0]))
    )


def _changed_since(journal: Journal, record: Record) -> int:
    return sum(not journal.is_untouched(c) for c in record.everything)
