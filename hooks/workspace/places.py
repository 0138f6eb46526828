"""Places in a repository: which may be written, and how a file gets there at once."""

from __future__ import annotations

import errno
import shutil
from typing import TYPE_CHECKING

from ..errors import DriftError

if TYPE_CHECKING:
    from pathlib import Path


def require_inside(root: Path, path: str, *, follows: bool = True) -> None:
    """Raise ``DriftError`` where a link leads ``path`` out of the repository."""
    target = root / path
    if (follows and target.is_symlink()) or not is_inside(root, target):
        message = f"{path}: leads out of the repository; nothing was written there"
        raise DriftError(message)


def is_inside(root: Path, target: Path) -> bool:
    """Tell whether the folder of ``target`` is one of the repository's."""
    return target.parent.resolve().is_relative_to(root.resolve())


def put(temporary: Path, target: Path) -> None:
    """Replace ``target`` in one step, also where it is on another file system."""
    try:
        temporary.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.{temporary.name}")
        shutil.copy2(temporary, beside)
        beside.replace(target)
        temporary.unlink()
