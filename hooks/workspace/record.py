"""What a run did to files, enough to take it back: data alone, kept as JSON."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class Change(BaseModel):
    """One file of a run: what it held (``None``: it did not exist), what it holds."""

    model_config = ConfigDict(frozen=True)
    path: str
    before: str | None
    mode: int
    after: str | None


class Moved(BaseModel):
    """What went elsewhere whole."""

    model_config = ConfigDict(frozen=True)
    path: str
    to: str


class Record(BaseModel):
    """What a run did, enough to take it back."""

    model_config = ConfigDict(frozen=True)
    state: Literal["applying", "applied"]
    changes: tuple[Change, ...]
    rendered: tuple[Change, ...] = ()
    moves: tuple[Moved, ...] = ()
    previous: Record | None = None

    def paths(self) -> tuple[str, ...]:
        """Return every path that taking the run back would touch."""
        files = (change.path for change in (*self.changes, *self.rendered))
        moved = (path for move in self.moves for path in (move.path, move.to))
        return (*files, *moved)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a run of Copier found: files, what some of them held, the run before."""

    names: frozenset[str]
    folders: frozenset[str]
    kept: Mapping[str, tuple[bytes, int]]
    record: bytes | None


def encoded(data: bytes) -> str:
    """Return bytes as a record keeps them."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """Return the bytes that a record keeps."""
    return base64.b64decode(text)


def digest(data: bytes | None) -> str | None:
    """Return what tells whether a file is as the run left it; ``None`` for no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()
