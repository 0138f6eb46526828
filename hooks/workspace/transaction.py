"""Write a run's changes to the repository, all or nothing, and take them back.

Before the first write a record is left with what every file held; after the last it
says so. A run that is killed in between is put back at once by a process that watches
it, and where that was killed too, by the next run or ``undo``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ApplyError, DriftError, NothingToUndoError
from ..survivor import survived_by
from .places import put, require_inside
from .record import Change, Moved, Record, Snapshot, decoded, digest, encoded
from .state_folder import StateFolder
from .still_parses import require_parsing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from ..model import FileEdit, Plan

_NEW_FILE_MODE = 0o644


class Workspace:
    """The repository at ``root``; what undo needs is kept in ``server_dir``."""

    def __init__(self, root: Path, server_dir: str) -> None:
        """Remember the places; nothing is read or written yet."""
        self._root = root
        self._state = StateFolder(root, server_dir)
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
        if not plan.edits and not plan.moves and not own:
            self.recover()
            return
        with self.locked():
            self.recover()
            self._apply(plan, own)

    def _apply(self, plan: Plan, own: Mapping[str, bytes | None]) -> None:
        require_parsing(plan.edits)
        for edit in plan.edits:
            self._check_unchanged(edit)
        for path in (path for move in plan.moves for path in (move.path, move.to)):
            # A link that moves stays a link, wherever it leads.
            require_inside(self._root, path, follows=False)
        edited = {edit.path for edit in plan.edits}
        new = tuple(
            self._as_rendered(path, own[path]) for path in sorted(own.keys() - edited)
        )
        changes = tuple(self._as_change(edit) for edit in plan.edits)
        moves = tuple(Moved(path=move.path, to=move.to) for move in plan.moves)
        record = Record(
            state="applying",
            changes=changes,
            moves=moves,
            previous=self._undoable_record(own),
        )
        # An undo returns to what was before rendering, edited after it or not.
        changes = tuple(
            c.model_copy(update={"before": _encoded_or_none(own[c.path])})
            if c.path in own
            else c
            for c in changes
        )
        done = {"state": "applied", "changes": changes, "rendered": new}
        with survived_by(self.recover):
            try:
                self._state.write(record)
                # Before the first file, so that a disk that is full shows in time.
                finish = self._state.prepared(record.model_copy(update=done))
                self._write_all(plan.edits)
                for move in moves:
                    self._move(move.path, move.to)
                finish()
            except OSError as error:
                self._take_back(record)
                message = f"nothing was changed: {_reason(error)}"
                raise ApplyError(message) from None
            except BaseException:  # Ctrl-C, for one
                self._take_back(record)
                raise

    def add(self, files: Sequence[FileEdit]) -> None:
        """Write files beside the last run's changes, which an undo then takes back.

        One that exists is replaced where it holds what ``before`` says, else left as it
        is. Raises ``ApplyError`` when writing fails, and ``DriftError`` where a link
        leads out of the repository; none is written then.
        """
        due = [f for f in files if self._read(f.path) == f.before != f.after]
        if not due:
            return
        for file in due:
            require_inside(self._root, file.path)
        changes = tuple(self._as_change(f) for f in due if f.before is not None)
        try:
            self._write_all(due)
        except OSError as error:
            message = f"{due[0].path}: could not be written: {_reason(error)}"
            raise ApplyError(message) from None
        record = self._state.read() or Record(state="applied", changes=())
        new = tuple(self._as_rendered(f.path) for f in due if f.before is None)
        # What the last run wrote already is taken back to what it was before that.
        now = {c.path: c.after for c in changes}
        known, rendered = (
            tuple(c.model_copy(update={"after": now.pop(c.path, c.after)}) for c in of)
            for of in (record.changes, record.rendered)
        )
        more = tuple(c for c in changes if c.path in now)
        self._state.write(
            record.model_copy(
                update={"changes": (*known, *more), "rendered": (*rendered, *new)}
            )
        )

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keep other runs out meanwhile: files are one's own, and record numbers.

        Whoever finishes what a killed run has begun still holds its lock.
        """
        if self._holds_lock:
            yield
            return
        # The folder itself: a file to lock would be one more to leave behind.
        folder = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self._holds_lock = True
            yield
        finally:
            self._holds_lock = False
            os.close(folder)

    def undo(self) -> tuple[str, ...]:
        """Take the last run back, byte for byte; return the paths that it concerned.

        The run before it can be taken back next.
        Raises ``NothingToUndoError`` without a record, and ``DriftError`` naming the
        files that changed since; nothing is touched then.
        """
        with self.locked():
            if self.recover():
                return ()
            record = self._state.read()
            if record is None:
                message = "there is no run to undo here"
                raise NothingToUndoError(message)
            everything = (*record.changes, *record.rendered)
            changed = [c.path for c in everything if not self._is_untouched(c)]
            if changed:
                message = (
                    f"changed since the last run: {', '.join(changed)}; nothing was "
                    "undone. Put them back (git stash, or git checkout), then try again"
                )
                raise DriftError(message)
            self._take_back(record)
            return tuple(change.path for change in everything)

    def snapshot(
        self, names: Iterable[str], folders: Iterable[str], kept: Iterable[str]
    ) -> Snapshot:
        """Return what is there before Copier writes, and what the ``kept`` hold."""
        return Snapshot(
            names=frozenset(names),
            folders=frozenset(folders),
            kept={
                p: (d, self._mode(self._root / p)) for p in kept if (d := self._read(p))
            },
            record=self._state.raw(),
        )

    def return_to(
        self, then: Snapshot, names: Iterable[str], folders: Iterable[str]
    ) -> bool:
        """Take back all that has come since, rendered or edited; tell whether it had.

        ``names`` and ``folders``, deepest first, stand there now in the template's
        places.
        """
        new = [name for name in names if name not in then.names]
        other = {p: c for p, c in then.kept.items() if self._read(p) != c[0]}
        empty = [folder for folder in folders if folder not in then.folders]
        if not (new or other or empty or self._state.raw() != then.record):
            return False
        with self.locked():
            self.recover()
            if self._state.raw() != then.record:
                self.undo()
            self._restore(Change(path=n, before=None, mode=0, after=None) for n in new)
            self._restore(
                Change(path=path, before=encoded(data), mode=mode, after=None)
                for path, (data, mode) in then.kept.items()
            )
        if then.record is None:
            self._state.forget()
        for folder in empty:
            with contextlib.suppress(OSError):
                (self._root / folder).rmdir()
        return True

    def recover(self) -> bool:
        """Put back what a killed run left half-written; tell whether there was any."""
        with self.locked():
            record = self._state.read()
            if record is None or record.state == "applied":
                return False
            self._take_back(record)
            return True

    def _take_back(self, record: Record) -> None:
        for move in reversed(record.moves):
            if (self._root / move.to).exists():
                self._move(move.to, move.path)
        self._restore((*record.changes, *record.rendered))
        if record.previous is None:
            self._state.forget()
        else:
            self._state.write(record.previous)

    def _move(self, path: str, to: str) -> None:
        target = self._root / to
        target.parent.mkdir(parents=True, exist_ok=True)
        (self._root / path).rename(target)
        self._state.remove_empty_parents(self._root / path)

    def _undoable_record(self, own: Mapping[str, bytes | None]) -> Record | None:
        """Return the run before, unless somebody had worked on its files until this.

        ``own`` are the files that this run has written by now, as they were before it.
        """
        record = self._state.read()
        if record is None:
            return None
        everything = (*record.changes, *record.rendered)
        untouched = (self._is_untouched(change, own) for change in everything)
        return record if all(untouched) else None

    def _is_untouched(
        self, change: Change, then: Mapping[str, bytes | None] | None = None
    ) -> bool:
        """Tell whether a file holds what the run left, or is taken back already."""
        path = change.path
        now = then[path] if then and path in then else self._read(path)
        before = None if change.before is None else decoded(change.before)
        return now == before or digest(now) == change.after

    def _check_unchanged(self, edit: FileEdit) -> None:
        require_inside(self._root, edit.path)
        if self._read(edit.path) != edit.before:
            message = f"{edit.path}: changed while planning; nothing was changed"
            raise DriftError(message)

    def _write_all(self, edits: Sequence[FileEdit]) -> None:
        """Write new texts down first, out of git's sight: a full disk shows early."""
        staged: list[tuple[Path, Path]] = []
        try:
            for edit in edits:
                if edit.after is not None:
                    # One by one: what is staged already is cleared up on failure.
                    staged.append(self._stage(edit, edit.after))  # noqa: PERF401
            for temporary, target in staged:
                put(temporary, target)
            for edit in edits:
                if edit.after is None:
                    (self._root / edit.path).unlink()
                    self._state.remove_empty_parents(self._root / edit.path)
        finally:
            for temporary, _ in staged:
                temporary.unlink(missing_ok=True)

    def _stage(self, edit: FileEdit, after: bytes) -> tuple[Path, Path]:
        target = self._root / edit.path
        target.parent.mkdir(parents=True, exist_ok=True)
        return self._state.staged(after, edit.mode or self._mode(target)), target

    def _restore(self, changes: Iterable[Change]) -> None:
        for change in changes:
            target = self._root / change.path
            if change.before is None:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    target.unlink()
                self._state.remove_empty_parents(target)
            elif digest(self._read(change.path)) != digest(decoded(change.before)):
                target.parent.mkdir(parents=True, exist_ok=True)
                put(self._state.staged(decoded(change.before), change.mode), target)

    def _as_change(self, edit: FileEdit) -> Change:
        before = edit.before
        return Change(
            path=edit.path,
            before=_encoded_or_none(before),
            mode=self._mode(self._root / edit.path),
            after=digest(edit.after),
        )

    def _as_rendered(self, path: str, before: bytes | None = None) -> Change:
        return Change(
            path=path,
            before=_encoded_or_none(before),
            mode=self._mode(self._root / path),
            after=digest(self._read(path)),
        )

    def _mode(self, path: Path) -> int:
        return path.stat().st_mode & 0o7777 if path.exists() else _NEW_FILE_MODE

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            message = f"{path}: cannot be read ({_reason(error)}); nothing was changed"
            raise DriftError(message) from None


def _encoded_or_none(data: bytes | None) -> str | None:
    return None if data is None else encoded(data)


def _reason(error: OSError) -> str:
    where = f" ({Path(str(error.filename)).name})" if error.filename else ""
    return f"{error.strerror or error}{where}"
