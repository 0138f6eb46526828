"""Another process that finishes what a killed one has begun."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@contextlib.contextmanager
def survived_by(clear_up: Callable[[], object]) -> Generator[None]:
    """Have ``clear_up`` called at once if this process is killed within the block.

    Where processes cannot be forked (Windows), nothing watches; what was left behind is
    then cleared up by the next run.
    """
    if not hasattr(os, "fork"):
        yield
        return
    listening, speaking = os.pipe()
    watcher = os.fork()
    if watcher == 0:
        os.setsid()  # a signal to this process's group is not meant for the watcher
        os.close(speaking)
        with contextlib.suppress(BaseException):
            # The end without a word: the other process is no more.
            if not os.read(listening, 1):
                clear_up()
        os._exit(0)
    os.close(listening)
    try:
        yield
    finally:
        os.write(speaking, b".")
        os.close(speaking)
        os.waitpid(watcher, 0)
