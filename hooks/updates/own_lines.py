"""The lines that the user had added to rendered files: where the merge has put them.

Copier carries them over as a patch, and git has many ways to refuse one. So each file
that an update has changed is compared with three others: as the last release rendered
it, as the user left it, as the new release renders it. What the patch has lost is
merged again, by content; where that loses a line too, the update is taken back.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..errors import UpdateError
from ..model import FileEdit, ManualStep, OwnLines, Place, Where
from ..syntax.conflict_marks import lines_in_conflict
from .merging import three_way

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..model import Integration
    from ..repository.staging import Staging
    from .renderings import Renderings

_OPERATION = "keep-own-lines"
_SHOWN = 60


class OwnWork:
    """What the user had made of the files that this update has changed."""

    def __init__(
        self,
        root: Path,
        renderings: Renderings,
        before: Mapping[str, bytes | None],
        moved: Mapping[str, str],
    ) -> None:
        """Compare nothing yet; ``before`` are the changed files as the user left them.

        ``moved`` says where folders went. The answers file, and what neither release
        renders, is not looked at.
        """
        self._moved = moved
        self._root = root
        self._renderings = renderings
        self._before = before

    def edited(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield path, last rendering and the user's text of each file with edits."""
        for path, theirs in sorted(self._before.items()):
            if theirs is None or path == self._renderings.answers_file:
                continue
            base = self._base(path)
            if base is None and self._place(path) not in self._renderings.now:
                continue
            if not _are_equal(theirs, base or b""):
                yield path, base or b"", theirs

    def merge_again(
        self, integration: Integration, staging: Staging
    ) -> Iterator[FileEdit | ManualStep]:
        """Plan what brings back lines that Copier's merge has lost, or removed ones."""
        del integration
        for path, base, theirs in self.edited():
            if self._place(path) != path:
                continue  # is followed where it went
            now = staging.read(path)
            ours = self._renderings.now.get(path)
            if ours is None and now is None:
                yield from _kept(path, theirs)
            elif ours is not None and _is_undone(base, theirs, ours, self._all(path)):
                yield from _merged(path, now, three_way(theirs, base, ours))

    def report(self) -> tuple[OwnLines, ...]:
        """Return where each line is now, by file.

        Raises ``UpdateError`` where one is in no place at all.
        """
        edited = self.edited()
        found = tuple(self._of_file(self._place(p), b, t) for p, b, t in edited)
        return tuple(own for own in found if own.merged or own.in_conflict)

    def _of_file(self, path: str, base: bytes, theirs: bytes) -> OwnLines:
        ours = self._renderings.now.get(path, b"")
        now = self._all(path)
        if lost := _lost(base, theirs, ours, now):
            shown = lost[0].decode("utf-8", "replace").strip()[:_SHOWN]
            message = (
                f"{path}: {len(lost)} lines of yours would be lost by this update, "
                f"{shown!r} first; everything was put back"
            )
            raise UpdateError(message)
        places = _places(base, theirs, now)
        marked = lines_in_conflict(now)
        return OwnLines(
            path=path,
            merged=tuple(n for n in places if n not in marked),
            in_conflict=tuple(n for n in places if n in marked),
        )

    def _base(self, path: str) -> bytes | None:
        """Return the last rendering, also where the user has moved its folder since."""
        before = self._renderings.before
        if path in before:
            return before[path]
        for old, new in self._moved.items():
            if path.startswith(f"{new}/"):
                return before.get(old + path.removeprefix(new))
        return None

    def _place(self, path: str) -> str:
        for old, new in self._moved.items():
            if path.startswith(f"{old}/"):
                return new + path.removeprefix(old)
        return path

    def _all(self, path: str) -> bytes:
        """Return the file, and below it what was rejected beside it."""
        text = _read(self._root / path)
        rejected = _read(self._root / f"{path}.rej")
        kept = [line[1:] for line in rejected.splitlines() if line[:1] in {b"+", b" "}]
        return b"\n".join([text, *kept]) if kept else text


def _kept(path: str, theirs: bytes) -> Iterator[FileEdit | ManualStep]:
    why = "is not rendered any more, and holds lines of yours: take what you need"
    yield FileEdit(path=path, before=None, after=theirs, why=(why,), follows=True)
    yield ManualStep(
        operation=_OPERATION,
        path=path,
        why=why,
        snippet=f"git rm {path}",
        place=Place(where=Where.RUN),
    )


def _merged(
    path: str, now: bytes | None, merged: tuple[bytes, int | None]
) -> Iterator[FileEdit | ManualStep]:
    after, conflicts = merged
    if after == now:
        return
    why = "brings back lines of yours that git would not apply"
    yield FileEdit(path=path, before=now, after=after, why=(why,), follows=True)
    if conflicts is None:
        yield ManualStep(
            operation=_OPERATION,
            path=path,
            why="git cannot merge it with the new release's; yours was kept whole",
            snippet=f"git diff {path}",
            place=Place(where=Where.RUN),
        )


def _is_undone(base: bytes, theirs: bytes, ours: bytes, now: bytes) -> bool:
    """Return True if an added line is gone, or a removed one has come back."""
    if _lost(base, theirs, ours, now):
        return True
    was, own, new, found = map(_counted, (base, theirs, ours, now))
    return not lines_in_conflict(now) and any(
        found[line] > own[line] + max(0, new[line] - was[line])
        for line in was
        if was[line] > own[line]
    )


def _lost(base: bytes, theirs: bytes, ours: bytes, now: bytes) -> list[bytes]:
    """Return the added lines that are gone; what the release took away may go."""
    was, own, new, found = map(_counted, (base, theirs, ours, now))
    return [
        line
        for line in own
        if own[line] > was[line]
        and found[line] < own[line] - max(0, was[line] - new[line])
    ]


def _places(base: bytes, theirs: bytes, now: bytes) -> list[int]:
    """Return the numbers of the lines in ``now`` that the user had added."""
    wanted = _counted(theirs) - _counted(base)
    found: list[int] = []
    for number, line in enumerate(now.splitlines(), 1):
        if line.strip() and wanted[line] > 0:
            wanted[line] -= 1
            found.append(number)
    return found


def _counted(text: bytes) -> Counter[bytes]:
    return Counter(text.splitlines())


def _are_equal(one: bytes, other: bytes) -> bool:
    """Return True for the same lines, whatever ends them."""
    return one == other or one.splitlines() == other.splitlines()


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
