"""One run at a time in a repository, from before its first question to its last write.

Copier holds the lock, and so does the process that watches it and cleans up after it;
both let go of it by ending. The hook that Copier starts needs none of its own.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from typing import TYPE_CHECKING

from ..errors import BusyError
from .paths import Tree
from .undo_store import UndoStore

if TYPE_CHECKING:
    from pathlib import Path

# Copier imports these modules several times in one process; this outlives them.
_HELD = "COPIER_BETTER_AUTH_RUN"
_PATIENCE = 20.0
_PAUSE = 0.05


def hold_run_lock(root: Path, patience: float = _PATIENCE) -> None:
    """Keep other runs out until this process ends.

    Waits for what is at work there, a clean-up most likely; raises ``BusyError`` where
    that does not end.
    """
    path = UndoStore(Tree(root).root).lock_file
    held = f"{os.getpid()} {path.name}"
    if os.environ.get(_HELD) == held:
        return
    # Never closed: the lock is the process's own until its end.
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    deadline = time.monotonic() + patience
    waits = False
    while not _is_locked(lock):
        if not waits:
            sys.stderr.write("Another run is at work here; waiting ...\n")
        waits = True
        if time.monotonic() > deadline:
            os.close(lock)
            message = (
                f"{root}: another run is at work here; try again when it has ended"
            )
            raise BusyError(message)
        time.sleep(_PAUSE)
    os.environ[_HELD] = held


def _is_locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
