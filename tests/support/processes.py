"""Servers that a test starts: each in its own group, each ended with its children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    log: Path,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` with its output in ``log``; end its whole group afterwards."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes], within: float = 20) -> int:
    """Interrupt a process group as Ctrl-C would; kill what is left after ``within``."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            return process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait(timeout=10)


def wait_for(
    url: str, process: subprocess.Popen[bytes], log: Path, within: float = 90
) -> float:
    """Wait until ``url`` answers below 500; return the seconds that took."""
    started = time.monotonic()
    while time.monotonic() - started < within:
        if process.poll() is not None:
            message = f"ended with {process.returncode} before {url} answered:\n"
            raise RuntimeError(message + _tail(log))
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own
                return time.monotonic() - started
        except urllib.error.HTTPError as error:
            with error:
                if error.code < 500:
                    return time.monotonic() - started
        except OSError:
            pass
        time.sleep(0.1)
    message = f"{url} did not answer within {within} seconds:\n{_tail(log)}"
    raise RuntimeError(message)


def _tail(log: Path, characters: int = 4000) -> str:
    return log.read_text(errors="replace")[-characters:]
