"""A watchdog process that cleans up after this one, even if it is killed."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@contextlib.contextmanager
def cleanup_if_killed(clean_up: Callable[[], object]) -> Generator[None]:
    """Call ``clean_up`` in another process if this one is killed within the block.

    Without ``os.fork`` (Windows) there is no watchdog; the next run cleans up then.
    """
    if not hasattr(os, "fork"):
        yield
        return
    watchdog, write_fd = _fork_watchdog(clean_up)
    try:
        yield
    finally:
        os.write(write_fd, b".")
        os.close(write_fd)
        os.waitpid(watchdog, 0)


def cleanup_on_exit(clean_up: Callable[[], object]) -> int:
    """Call ``clean_up`` in another process when this one exits or is killed.

    A normal exit waits for it. Returns the watchdog's pid, for ``cancel``; 0 without
    ``os.fork``, where nothing is called.
    """
    if not hasattr(os, "fork"):
        return 0
    watchdog, write_fd = _fork_watchdog(clean_up)

    def end() -> None:
        os.close(write_fd)
        os.waitpid(watchdog, 0)

    atexit.register(end)
    return watchdog


def cancel(watchdog: int) -> None:
    """Stop the watchdog of another process, which is still running."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(watchdog, signal.SIGTERM)


def _fork_watchdog(clean_up: Callable[[], object]) -> tuple[int, int]:
    """Fork a watchdog; return its pid and the pipe that reports success."""
    read_fd, write_fd = os.pipe()
    ready_read_fd, ready_write_fd = os.pipe()
    watchdog = os.fork()
    if watchdog == 0:
        os.setsid()  # signals to this process group must not reach the watchdog
        for end in (write_fd, ready_read_fd, ready_write_fd):
            os.close(end)
        with contextlib.suppress(BaseException):
            # End of file without a byte: the other process has ended.
            if not os.read(read_fd, 1):
                clean_up()
        os._exit(0)
    os.close(read_fd)
    os.close(ready_write_fd)
    os.read(ready_read_fd, 1)  # returns at end of file, when the watchdog is ready
    os.close(ready_read_fd)
    return watchdog, write_fd
