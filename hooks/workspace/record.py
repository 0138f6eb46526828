"""What a run did to files, enough to take it back: data alone, kept as JSON."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class Change(_Data):
    """One file of a run: what it held (``None``: it did not exist), what it holds.

    ``after`` is a digest. ``is_kept`` marks a secret that the run made, which an undo
    puts aside; ``tokens`` are digests of what is random in it.
    """

    path: str
    before: str | None
    mode: int
    after: str | None
    mode_after: int | None = None
    is_kept: bool = False
    tokens: tuple[str, ...] = ()


class Moved(_Data):
    """What went elsewhere whole."""

    path: str
    to: str


class Record(_Data):
    """What a run did, enough to take it back, and the run before it."""

    changes: tuple[Change, ...] = ()
    rendered: tuple[Change, ...] = ()
    moves: tuple[Moved, ...] = ()
    previous: Record | None = None

    @property
    def everything(self) -> tuple[Change, ...]:
        """The changes to files that the hook edited, then those that Copier wrote."""
        return (*self.changes, *self.rendered)

    @property
    def and_before(self) -> Iterator[Record]:
        """The run, and each run before it."""
        record: Record | None = self
        while record is not None:
            yield record
            record = record.previous


class Pending(_Data):
    """A transaction that has begun and not ended: how to take back what it did."""

    changes: tuple[Change, ...]
    moves: tuple[Moved, ...]
    staging: str
    undoes: bool = False


class Kept(_Data):
    """A secret that an undo has put aside: where it was, where it is, its digest."""

    path: str
    at: str
    digest: str


class Run(_Data):
    """A run of Copier that has begun and not ended: what was there before it.

    ``contents`` are files that it may overwrite. ``answers`` are those of this run, and
    of the one before.
    """

    names: frozenset[str]
    folders: frozenset[str]
    contents: tuple[Change, ...]
    last: Record | None
    answers: tuple[dict[str, Any], ...]
    answers_file: str
    overwrites: bool


class State(_Data):
    """All that is remembered of one repository."""

    root: str = ""
    last: Record | None = None
    pending: Pending | None = None
    run: Run | None = None
    kept: tuple[Kept, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True where nothing is worth remembering."""
        return not (self.last or self.pending or self.run or self.kept)


@dataclass(frozen=True, kw_only=True)
class Write:
    """One file to be written (``None``: removed) by a transaction."""

    path: str
    after: bytes | None
    mode: int


def inverse(record: Record) -> Iterator[Write]:
    """Yield what takes a run back, file by file."""
    for change in record.everything:
        yield Write(
            path=change.path, after=decoded_or_none(change.before), mode=change.mode
        )


def encoded(data: bytes) -> str:
    """Return bytes as a record keeps them."""
    return base64.b64encode(data).decode()


def encoded_or_none(data: bytes | None) -> str | None:
    """Return bytes as a record keeps them, or that there was no file."""
    return None if data is None else encoded(data)


def decoded_or_none(text: str | None) -> bytes | None:
    """Return the bytes that a record keeps, or that there was no file."""
    return None if text is None else base64.b64decode(text)


def tokens(data: bytes | None) -> tuple[str, ...]:
    """Return digests of what is too long and random in a file to be there by chance."""
    found = re.findall(rb"[\w-]{60,}", data or b"")
    return tuple(hashlib.sha256(token).hexdigest() for token in found)


def digest(data: bytes | None) -> str | None:
    """Return what identifies a file's content; ``None`` for no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()
