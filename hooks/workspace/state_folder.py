"""The folder that holds what taking a run back needs, out of git's sight."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..errors import NothingToUndoError
from .places import is_inside, require_inside
from .record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

STATE_FOLDER = ".copier-better-auth"
_RECORD = "last-run.json"


class StateFolder:
    """The record of the last run, and files on their way into the repository."""

    def __init__(self, root: Path, server_dir: str) -> None:
        """Remember the place; nothing is read or written yet."""
        self._root = root
        self._folder = root / server_dir / STATE_FOLDER

    def make(self) -> None:
        """Make the folder, which ignores itself."""
        self._refuse_links()
        ignore = self._folder / ".gitignore"
        if not ignore.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            ignore.write_text("*\n", encoding="utf-8")

    def forget(self) -> None:
        """Remove the folder with all that it holds."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self.remove_empty_parents(self._folder)

    def remove_empty_parents(self, target: Path) -> None:
        """Remove the folders above ``target`` that are empty now."""
        with contextlib.suppress(OSError):
            for parent in target.parents:
                if parent == self._root:
                    return
                record = parent / STATE_FOLDER
                if record != self._folder and list(parent.iterdir()) == [record]:
                    shutil.rmtree(record)  # of a run before the folder moved away
                parent.rmdir()

    def staged(self, data: bytes, mode: int) -> Path:
        """Write ``data`` where nobody can read it who may not in the end."""
        self.make()
        temporary = self._folder / f"{secrets.token_hex(8)}.tmp"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        return temporary

    def raw(self) -> bytes | None:
        """Return the record as it stands there; ``None`` where there is none."""
        try:
            return (self._folder / _RECORD).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read(self) -> Record | None:
        """Return the last run's record; raise ``NothingToUndoError`` for a bad one."""
        self._refuse_links()
        try:
            data = self.raw()
            record = None if data is None else Record.model_validate_json(data)
        except (OSError, ValidationError):
            raise _damaged() from None
        if record is None:
            return None
        # It may have come with a repository, from somebody who means us harm.
        if not all(map(self._may_be_ours, record.paths())):
            raise _damaged()
        return record

    def write(self, record: Record) -> None:
        """Replace the record in one step."""
        self.prepared(record)()

    def prepared(self, record: Record) -> Callable[[], object]:
        """Write a record down beside the present one; return what puts it in place."""
        self.make()
        temporary = self._folder / f"{_RECORD}.{record.state}.tmp"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(record.model_dump_json(indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        return lambda: temporary.replace(self._folder / _RECORD)

    def _refuse_links(self) -> None:
        """Raise ``DriftError`` for links: a repository may come with some."""
        held = self._folder.iterdir() if self._folder.is_dir() else ()
        for path in (self._folder, *held):
            require_inside(self._root, str(path.relative_to(self._root)))

    def _may_be_ours(self, path: str) -> bool:
        """Tell whether a run can have written there: no plan leads out, or into git."""
        names = {part.lower() for part in Path(path).parts}
        return not {"..", ".git"} & names and is_inside(self._root, self._root / path)


def _damaged() -> NothingToUndoError:
    message = f"{STATE_FOLDER}/{_RECORD} is damaged; use git to go back"
    return NothingToUndoError(message)
