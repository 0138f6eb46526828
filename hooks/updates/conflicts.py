"""What an update has left to be merged by hand: marked lines, and rejected parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Conflict
from ..syntax.conflict_marks import conflict_marks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_REJECTED = ".rej"


def conflicts_in(root: Path, changed: Iterable[str]) -> tuple[Conflict, ...]:
    """Return the conflicts of the files that an update has changed, by path.

    What ``git apply`` rejects it leaves beside a file, which git may well ignore.
    """
    paths = {path.removesuffix(_REJECTED) for path in changed}
    found = (_conflict(root, path) for path in sorted(paths))
    return tuple(c for c in found if c.lines or c.rejected)


def _conflict(root: Path, path: str) -> Conflict:
    file, rejected = root / path, f"{path}{_REJECTED}"
    return Conflict(
        path=path,
        lines=conflict_marks(file.read_bytes(), path) if file.is_file() else (),
        rejected=rejected if (root / rejected).is_file() else "",
    )
