"""Write files and move folders, all or nothing, wherever the process is killed.

What each file held is written down before the first of them changes; the same step that
forgets it makes the transaction count. A process that is killed in between is put back
at once by another that watches it, and where that was killed too, by the next run.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ApplyError, DriftError
from .record import (
    Change,
    Moved,
    Pending,
    Write,
    decoded_or_none,
    digest,
    encoded_or_none,
)
from .watchdog import cleanup_if_killed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .paths import Tree
    from .record import State
    from .undo_store import UndoStore

_STAGING = ".copier-better-auth-"


class Journal:
    """The transactions of one repository, one at a time."""

    def __init__(self, tree: Tree, store: UndoStore) -> None:
        """Remember the places; nothing is read or written yet."""
        self._tree = tree
        self._store = store

    def commit(
        self,
        writes: Sequence[Write],
        moves: Sequence[Moved],
        done: State,
        *,
        undoes: bool = False,
        at_end: Callable[[], object] | None = None,
    ) -> None:
        """Do all of it, then remember ``done``; or do nothing.

        ``at_end`` is called when all is done but not yet remembered. Raises
        ``ApplyError`` when writing fails.
        """
        before = self._store.read().model_copy(update={"pending": None})
        pending = Pending(
            changes=tuple(self._change(write) for write in writes),
            moves=tuple(moves),
            staging=f"{_STAGING}{secrets.token_hex(8)}",
            undoes=undoes,
        )
        with cleanup_if_killed(self.recover):
            try:
                self._store.write(before.model_copy(update={"pending": pending}))
                # Before the first file, so that a disk that is full shows in time.
                finish = self._store.prepared(done.model_copy(update={"pending": None}))
                self._write(writes, pending.staging)
                for move in moves:
                    self._tree.move(move.path, move.to)
                if at_end:
                    at_end()
                self._tree.remove_flat_folder(pending.staging)
                finish()
            except OSError as error:
                self._give_up(pending, before)
                message = f"nothing was changed: {reason(error)}"
                raise ApplyError(message) from None
            except BaseException:  # Ctrl-C, for one
                self._give_up(pending, before)
                raise

    def recover(self) -> bool:
        """Put back what a killed process left half done; return True if it had.

        Raises ``DriftError`` where one of the files was changed since then.
        """
        state = self._store.read()
        if state.pending is None:
            return False
        changed = [c.path for c in state.pending.changes if not self.is_untouched(c)]
        if changed:
            message = (
                "a run was stopped in its middle here, and these were changed since: "
                f"{', '.join(changed)}; nothing was put back. Put them back "
                "(git checkout; remove what git does not know), then try again"
            )
            raise DriftError(message)
        self._roll_back(state.pending)
        self._store.write(state.model_copy(update={"pending": None}))
        return True

    def put_back(self, writes: Iterable[Write]) -> None:
        """Write those that are not as they should be; may be repeated after a kill."""
        staging = f"{_STAGING}{secrets.token_hex(8)}"
        try:
            self._write([w for w in writes if self._differs(w)], staging)
        finally:
            self._tree.remove_flat_folder(staging)

    def is_untouched(self, change: Change) -> bool:
        """Return True if a file holds what the run left, or what was there before."""
        found = self._tree.read(change.path)
        now = found[0] if found else None
        return now == decoded_or_none(change.before) or digest(now) == change.after

    def _write(self, writes: Sequence[Write], staging: str) -> None:
        """Write new texts to private files first, then replace the old ones."""
        if any(write.after is not None for write in writes):
            self._tree.make_private_folder(staging)
        due: list[tuple[str, str]] = []
        for number, write in enumerate(writes):
            if write.after is not None:
                temporary = f"{staging}/{number}"
                self._tree.write_new(temporary, write.after, write.mode)
                due.append((temporary, write.path))
        for temporary, path in due:
            self._tree.replace(temporary, path)
        for write in writes:
            if write.after is None:
                self._tree.remove(write.path)

    def _give_up(self, pending: Pending, before: State) -> None:
        self._roll_back(pending)
        # A disk that is full keeps the note, which asks for nothing then.
        with contextlib.suppress(OSError):
            self._store.write(before)

    def _roll_back(self, pending: Pending) -> None:
        # What was staged goes first: the disk may be full.
        self._tree.remove_flat_folder(pending.staging)
        for move in reversed(pending.moves):
            if self._tree.exists(move.to) and not self._tree.exists(move.path):
                self._tree.move(move.to, move.path)
        self.put_back(
            Write(path=c.path, after=decoded_or_none(c.before), mode=c.mode)
            for c in pending.changes
        )
        for move in pending.moves:
            self._tree.remove_empty_parents(move.to)

    def _change(self, write: Write) -> Change:
        before, mode = self._tree.read(write.path) or (None, write.mode)
        return Change(
            path=write.path,
            before=encoded_or_none(before),
            mode=mode,
            after=digest(write.after),
            mode_after=write.mode,
        )

    def _differs(self, write: Write) -> bool:
        found = self._tree.read(write.path)
        if write.after is None:
            # The folders above it may be all that is left of it.
            return found is not None or self._has_folder(write.path)
        return found != (write.after, write.mode)

    def _has_folder(self, path: str) -> bool:
        parent = path.rpartition("/")[0]
        return bool(parent) and self._tree.exists(parent)


def reason(error: OSError) -> str:
    """Return what went wrong with which file, as one line."""
    where = f" ({Path(str(error.filename)).name})" if error.filename else ""
    return f"{error.strerror or error}{where}"
