"""The repository as the edits planned so far would leave it."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from ..syntax.conflict_marks import conflict_marks
from ..syntax.encoding import decoded
from ..syntax.python import parse
from . import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from ..model import FileEdit, Move


class Staging:
    """Reads through to the disk, except where an edit has been planned."""

    def __init__(self, root: Path) -> None:
        """Begin with nothing planned."""
        self.repository = Repository(root)
        self._edits: dict[str, FileEdit] = {}
        self.moves: list[Move] = []

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """One edit a file, in the order of first touch."""
        return tuple(self._edits.values())

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that git tracks or would track, and those planned."""
        return tuple(sorted({*self._edits, *self.repository.files}))

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes as planned so far; ``None`` where there is none."""
        if path in self._edits:
            return self._edits[path].after
        return self.repository.read(path)

    def text(self, path: str) -> str | None:
        """Return a file's text as planned so far, line endings kept."""
        data = self.read(path)
        return None if data is None else decoded(data)

    def add(self, edit: FileEdit) -> None:
        """Plan an edit; a second one of the same file joins the first."""
        earlier = self._edits.get(edit.path)
        if earlier is not None:
            why = (*earlier.why, *edit.why)
            follows = edit.follows or earlier.follows
            edit = dataclasses.replace(
                edit, before=earlier.before, why=why, follows=follows
            )
        self._edits[edit.path] = edit


_GENERATED = re.compile(
    rb"(?i)@generated|\bdo not edit\b|\bauto-?generated (by|from)\b"
)
_HEADER_LINES = 10


def unsafe_to_edit(source: bytes) -> str:
    """Say why a Python file must not be edited as it is; empty where it may be."""
    if conflict_marks(source):
        return "the file holds a conflict that is not resolved"
    if _GENERATED.search(b"\n".join(source.split(b"\n")[:_HEADER_LINES])):
        return "the file says that it is generated"
    if parse(source).has_errors:
        return "the file does not parse as it is"
    return ""
