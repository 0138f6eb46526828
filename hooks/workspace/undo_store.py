"""Where the record of the last run is kept: in the user's own state folder.

Never in the repository. What is there may have come with it, from a person who means
harm, and a record says what is to be written where. The folder is the user's, is closed
to others, and is found by the real path of the repository.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..errors import EnvironmentProblem, NothingToUndoError
from .record import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NAME = "copier-better-auth"
_STATE = "state.json"
_PRIVATE = 0o700


class UndoStore:
    """What is remembered of the repository at ``root``, a real path."""

    def __init__(self, root: Path) -> None:
        """Remember the place; nothing is read or written yet."""
        self._root = root

    @property
    def _folder(self) -> Path:
        return _home(self._root) / _digest(self._root)

    @property
    def lock_file(self) -> Path:
        """The file whose lock a run of Copier holds, from its start to its end."""
        folder = self._folder
        return folder.with_name(f"{folder.name}.lock")

    def keep_report(self, text: str) -> str:
        """Write down what a run did; return where, or nothing if it cannot be."""
        try:
            folder = self._folder
            path = folder.with_name(f"{folder.name[:8]}.txt")
            _written(path, text).replace(path)
        except (OSError, UnicodeError, EnvironmentProblem):
            return ""
        home = os.environ.get("HOME") or "/"
        return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)

    def read(self) -> State:
        """Return what is remembered; raise ``NothingToUndoError`` for a bad file."""
        path = self._folder / _STATE
        try:
            state = _read(path)
        except (OSError, ValidationError):
            message = f"{path} is damaged; use git to go back, then remove that file"
            raise NothingToUndoError(message) from None
        return state or State(root=str(self._root))

    def others(self) -> Iterator[State]:
        """Yield what is remembered of other folders, the latest first."""
        found: list[Path] = []
        for home in _homes(self._root):
            found += home.glob(f"*/{_STATE}")
        own = self._folder / _STATE
        for path in sorted(found, key=_modified, reverse=True):
            try:
                state = _read(path) if path != own else None
            except (OSError, ValidationError):
                continue
            if state is not None:
                yield state

    def write(self, state: State) -> None:
        """Replace what is remembered, in one step."""
        self.prepared(state)()

    def prepared(self, state: State) -> Callable[[], object]:
        """Write a state down; return what puts it in the place of the present one."""
        folder = self._folder
        if state.is_empty:
            return lambda: shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
        for old in folder.glob(f"{_STATE}.*"):  # of a run that was killed
            old.unlink(missing_ok=True)
        temporary = _written(folder / _STATE, state.model_dump_json())
        return lambda: temporary.replace(folder / _STATE)


def _written(path: Path, text: str) -> Path:
    """Write a file for this user alone next to the one whose place it takes."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)
    return temporary


def _read(path: Path) -> State | None:
    try:
        return State.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0


def _digest(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:32]


def _home(root: Path) -> Path:
    """Return the first folder that can be used; raise ``EnvironmentProblem``."""
    for home in _homes(root):
        return home
    message = (
        "there is no place to keep what undo needs; set XDG_STATE_HOME to a folder of "
        "your own, outside this repository"
    )
    raise EnvironmentProblem(message)


def _homes(root: Path) -> Iterator[Path]:
    """Yield the folders that are this user's alone and outside the repository."""
    for candidate in _candidates():
        try:
            candidate.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            status = candidate.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
                continue
            if stat.S_IMODE(status.st_mode) != _PRIVATE:
                candidate.chmod(_PRIVATE)
            real = candidate.resolve()
        except OSError:
            continue
        if not real.is_relative_to(root) and os.access(real, os.W_OK | os.X_OK):
            yield real


def _candidates() -> Iterator[Path]:
    """Yield where the folder may be; without a home (containers), a temporary one."""
    given, home = os.environ.get("XDG_STATE_HOME", ""), os.environ.get("HOME", "")
    if Path(given).is_absolute():
        yield Path(given, _NAME)
    if Path(home).is_absolute():
        yield Path(home, ".local/state", _NAME)
    for temporary in ("/var/tmp", tempfile.gettempdir()):  # noqa: S108 - its owner is checked
        yield Path(temporary, f"{_NAME}-{os.geteuid()}")
