"""Apply a run's plan to the repository, all or nothing, and take it back.

What undo needs is remembered outside the repository, see ``undo_store.py``; how nothing
is left half done, see ``journal.py``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
from typing import TYPE_CHECKING

from ..errors import ApplyError, DriftError
from .journal import Journal, reason
from .last_run import last_run
from .paths import Tree
from .record import (
    Change,
    Kept,
    Moved,
    Record,
    Write,
    decoded_or_none,
    digest,
    encoded_or_none,
    inverse,
    tokens,
)
from .still_parses import require_parsing
from .undo_store import UndoStore
from .undoing import Undoing, undoing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from ..model import FileEdit, Plan
    from .record import Run, State

_NEW_FILE_MODE = 0o644


class Workspace:
    """The repository at ``root``."""

    def __init__(self, root: Path) -> None:
        """Remember the place; nothing is read or written yet."""
        self._tree = Tree(root)
        self._store = UndoStore(self._tree.root)
        self._journal = Journal(self._tree, self._store)
        self._holds_lock = False

    def apply(
        self, plan: Plan, rendered: Mapping[str, bytes | None] | None = None
    ) -> None:
        """Write every edit of ``plan``, or none.

        ``rendered`` are the files that Copier has written in this run with what they
        held before it (``None``: they did not exist), to which an undo returns.
        Raises ``DriftError`` when a file is not what was planned for, and
        ``ApplyError`` when writing fails; both leave every file as it was.
        """
        own = rendered or {}
        with self.locked():
            self._journal.recover()
            if plan.edits or plan.moves or own:
                self._apply(plan, own)

    def _apply(self, plan: Plan, own: Mapping[str, bytes | None]) -> None:
        require_parsing(plan.edits)
        edits = tuple(self._checked(edit) for edit in plan.edits)
        moves = tuple(
            # A link that moves stays a link, wherever it leads.
            Moved(path=self._tree.resolved(m.path), to=self._tree.resolved(m.to))
            for m in plan.moves
        )
        edited = {edit.path for edit in edits}
        # A link of the user's own that an update has changed is git's to restore.
        own = {p: before for p, before in own.items() if not self._tree.is_link(p)}
        record = Record(
            changes=tuple(
                self._as_change(edit, own.get(edit.path, edit.before)) for edit in edits
            ),
            rendered=tuple(
                self._as_rendered(path, own[path])
                for path in sorted(own.keys() - edited)
            ),
            moves=moves,
            previous=self._undoable_record(own),
        )
        done = self._store.read().model_copy(update={"last": record})
        self._journal.commit([self._as_write(e) for e in edits], moves, done)

    def add(self, files: Sequence[FileEdit]) -> None:
        """Write files beside the last run's changes, which an undo then takes back.

        One that exists is replaced where it holds what ``before`` says, else left as it
        is. Raises ``ApplyError`` when writing fails, and ``DriftError`` where a link
        leads out of the repository; none is written then.
        """
        files = [
            dataclasses.replace(f, path=self._tree.resolved(f.path)) for f in files
        ]
        due = [f for f in files if self._read(f.path) == f.before != f.after]
        if not due:
            return
        with self.locked():
            state = self._store.read()
            last = _with_files(
                state.last or Record(), [self._as_change(f, f.before) for f in due]
            )
            done = state.model_copy(update={"last": last})
            self._journal.commit([self._as_write(f) for f in due], (), done)

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Hold an exclusive lock on the repository.

        A watchdog that cleans up after a killed run still holds that run's lock.
        """
        if self._holds_lock:
            yield
            return
        # The folder itself: a file to lock would be one more to leave behind.
        folder = os.open(self._tree.root, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self._holds_lock = True
            yield
        finally:
            self._holds_lock = False
            os.close(folder)

    @property
    def state(self) -> State:
        """What is remembered of the repository."""
        return self._store.read()

    def plan_undo(self) -> Undoing:
        """Return what ``undo`` would do; nothing is changed.

        Raises ``NothingToUndoError`` without a record, and ``DriftError`` naming the
        files that changed since.
        """
        state = self._store.read()
        if state.pending and not state.pending.undoes:
            changes = state.pending.changes
            return Undoing(
                restored=tuple(c.path for c in changes if c.before is not None),
                removed=tuple(c.path for c in changes if c.before is None),
                is_interrupted=True,
            )
        return undoing(
            self._tree, self._journal, last_run(self._tree, self._store, self._journal)
        )

    def undo(
        self, at_end: Callable[[tuple[str, ...]], object] | None = None
    ) -> tuple[str, ...]:
        """Take the last run back, byte for byte; return the paths that it concerned.

        A run that was killed in its middle is what is taken back, where there is one.
        The run before can be taken back next. ``at_end`` is called with the paths as
        the last of it. Raises what ``plan_undo`` raises, and ``ApplyError`` when
        writing fails; all is as it was then.
        """
        with self.locked():
            # An undo that was killed is put back, and done.
            plan = self.plan_undo()
            if self._journal.recover() and plan.is_interrupted:
                return plan.paths
            plan, state = self.plan_undo(), self._store.read()
            places = {kept.path for kept in plan.kept}
            done = state.model_copy(
                update={
                    "last": last_run(self._tree, self._store, self._journal).previous,
                    "kept": (
                        *(k for k in state.kept if k.path not in places),
                        *plan.kept,
                    ),
                }
            )
            self._journal.commit(
                plan.writes,
                plan.moves,
                done,
                undoes=True,
                at_end=(lambda: at_end(plan.paths)) if at_end else None,
            )
            return plan.paths

    def kept_secret(self, path: str) -> tuple[Kept, bytes] | None:
        """Return what an undo has put aside of a file, if it is there as it was left.

        Only what this user's own undo has left counts: a repository may bring a file of
        that name along.
        """
        for state in (self._store.read(), *self._store.others()):
            for kept in state.kept:
                found = self._tree.read(kept.at) if kept.path == path else None
                if found is not None and digest(found[0]) == kept.digest:
                    return kept, found[0]
        return None

    def recover(self) -> bool:
        """Put back what a killed run left half-written; tell whether there was any."""
        with self.locked():
            return self._journal.recover()

    def begin(self, run: Run) -> None:
        """Remember what is there before Copier writes, until ``finish``."""
        self._remember(run)

    def finish(self) -> None:
        """Let a run of Copier count: it is not taken back any more."""
        self._remember(None)

    def _remember(self, run: Run | None) -> None:
        state = self._store.read()
        try:
            self._store.write(state.model_copy(update={"run": run}))
        except OSError as error:
            message = f"what undo needs could not be written: {reason(error)}"
            raise ApplyError(message) from None

    def contents(self, paths: Iterable[str]) -> tuple[Change, ...]:
        """Return what files hold, for a run that may overwrite them."""
        files = (p for p in paths if not self._tree.is_link(p))
        return tuple(self._as_rendered(p, self._read(p)) for p in files)

    def return_to(
        self,
        then: Run,
        names: Iterable[str],
        folders: Iterable[str],
        at_end: Callable[[], object],
    ) -> bool:
        """Take back all that has come since, rendered or edited; tell whether it had.

        ``names`` and ``folders``, deepest first, are there now in the template's
        places. ``at_end`` is called as the last of it, where anything had come. May be
        repeated where it was killed.
        """
        with self.locked():
            self._journal.recover()
            last = self._store.read().last
            new = [name for name in names if name not in then.names]
            empty = [folder for folder in folders if folder not in then.folders]
            writes = [
                Write(path=c.path, after=decoded_or_none(c.before), mode=c.mode)
                for c in then.contents
            ]
            other = [w for w in writes if self._read(w.path) != w.after]
            was_needed = bool(new or empty or other or last != then.last)
            for name in new:
                self._tree.remove(name)
            if last is not None and last != then.last:
                for move in reversed(last.moves):
                    if self._tree.exists(move.to) and not self._tree.exists(move.path):
                        self._tree.move(move.to, move.path)
                self._journal.put_back(inverse(last))
            self._journal.put_back(writes)
            for folder in empty:
                with contextlib.suppress(OSError):
                    self._tree.remove_empty(folder)
            if was_needed:
                at_end()
            state = self._store.read()
            self._store.write(state.model_copy(update={"last": then.last, "run": None}))
            return was_needed

    def _undoable_record(self, own: Mapping[str, bytes | None]) -> Record | None:
        """Return the run before, unless its files were changed between the two.

        ``own`` are the files that this run has written by now, as they were before it.
        """
        record = self._store.read().last
        if record is None:
            return None
        untouched = (
            _holds(change, own[change.path])
            if change.path in own
            else change.is_kept or self._journal.is_untouched(change)
            for change in record.everything
        )
        return record if all(untouched) else None

    def _checked(self, edit: FileEdit) -> FileEdit:
        """Return an edit of the file that its path leads to, if it may be written."""
        edit = dataclasses.replace(edit, path=self._tree.resolved(edit.path))
        if self._read(edit.path) != edit.before:
            message = f"{edit.path}: changed while planning; nothing was changed"
            raise DriftError(message)
        return edit

    def _as_write(self, edit: FileEdit) -> Write:
        mode = edit.mode or self._mode(edit.path)
        return Write(path=edit.path, after=edit.after, mode=mode)

    def _as_change(self, edit: FileEdit, before: bytes | None) -> Change:
        # One that follows its folder goes back with it.
        is_kept = edit.secret and before is None and not edit.follows
        return Change(
            path=edit.path,
            before=encoded_or_none(before),
            mode=self._mode(edit.path),
            after=digest(edit.after),
            mode_after=edit.mode or self._mode(edit.path),
            is_kept=is_kept,
            tokens=tokens(edit.after) if is_kept else (),
        )

    def _as_rendered(self, path: str, before: bytes | None) -> Change:
        return Change(
            path=path,
            before=encoded_or_none(before),
            mode=self._mode(path),
            after=digest(self._read(path)),
        )

    def _mode(self, path: str) -> int:
        found = self._tree.read(path)
        return found[1] if found else _NEW_FILE_MODE

    def _read(self, path: str) -> bytes | None:
        found = self._tree.read(path)
        return found[0] if found else None


def _holds(change: Change, data: bytes | None) -> bool:
    return data == decoded_or_none(change.before) or digest(data) == change.after


def _with_files(record: Record, files: Sequence[Change]) -> Record:
    """Return a record with further files; what the run wrote already stays its own."""
    now = {c.path: c.after for c in files if c.before is not None}
    known, rendered = (
        tuple(c.model_copy(update={"after": now.pop(c.path, c.after)}) for c in of)
        for of in (record.changes, record.rendered)
    )
    more = tuple(c for c in files if c.path in now)
    new = tuple(c for c in files if c.before is None)
    return record.model_copy(
        update={"changes": (*known, *more), "rendered": (*rendered, *new)}
    )
