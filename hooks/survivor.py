"""Another process that finishes what an ended or a killed one has begun."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
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
    watcher, speaking = _watched_by(clear_up)
    try:
        yield
    finally:
        os.write(speaking, b".")
        os.close(speaking)
        os.waitpid(watcher, 0)


def outlived_by(clear_up: Callable[[], object]) -> int:
    """Have ``clear_up`` called when this process ends, in whatever way.

    Its end waits for that, unless it is killed. Returns what ``dismiss`` takes; 0 where
    processes cannot be forked, and nothing is called.
    """
    if not hasattr(os, "fork"):
        return 0
    watcher, speaking = _watched_by(clear_up)

    def end() -> None:
        os.close(speaking)
        os.waitpid(watcher, 0)

    atexit.register(end)
    return watcher


def dismiss(watcher: int) -> None:
    """Let the watcher of another process, which has not ended, do nothing any more."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(watcher, signal.SIGTERM)


def _watched_by(clear_up: Callable[[], object]) -> tuple[int, int]:
    """Start a watcher; return it, and where a word tells it that all is well."""
    listening, speaking = os.pipe()
    hearing, ready = os.pipe()
    watcher = os.fork()
    if watcher == 0:
        os.setsid()  # a signal to this process's group is not meant for the watcher
        for end in (speaking, hearing, ready):
            os.close(end)
        with contextlib.suppress(BaseException):
            # The end without a word: the other process is no more.
            if not os.read(listening, 1):
                clear_up()
        os._exit(0)
    os.close(listening)
    os.close(ready)
    os.read(hearing, 1)  # nothing comes, but when it is out of reach, the end
    os.close(hearing)
    return watcher, speaking
