"""Build expensive fixtures once and share them between the xdist workers."""

from __future__ import annotations

import contextlib
import fcntl
from typing import TYPE_CHECKING

from support.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Not .cache, which the generator of the site empties.
SHARED = ROOT / ".tools" / "shared"


def once(folder: Path, make: Callable[[Path], object]) -> Path:
    """Return a folder that ``make`` has filled, here or in another process."""
    ready = folder.with_name(f"{folder.name}.ready")
    with one_at_a_time(folder):
        if not ready.exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            ready.touch()
    return folder


@contextlib.contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Keep other test processes out, by a lock beside ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
