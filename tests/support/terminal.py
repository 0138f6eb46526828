"""A terminal, and a user at it who presses Enter whenever a program waits."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import termios
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

BASH = "/bin/bash"
_IDLE_SECONDS = 0.3


def shell(command: str, cwd: Path, env: Mapping[str, str]) -> str:
    """Run a block as it is printed, without a terminal; return what it prints."""
    done = subprocess.run(
        [BASH, "-euc", command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def at_a_terminal(  # noqa: PLR0913 - what a terminal has
    command: str,
    cwd: Path,
    env: Mapping[str, str],
    within: float,
    keys: Mapping[str, str] | None = None,
    *,
    columns: int = 100,
    lines: int = 40,
    watch: Callable[[bytes], int] | None = None,
) -> str:
    """Run a command at a terminal; whenever it waits, press Enter.

    ``keys`` are pressed in its place where a question holds their name; ``watch`` gets
    what is printed, at the moment when it is, and returns the row of the cursor then.
    """
    waiting = dict(keys or {})
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (lines, columns))
    process = subprocess.Popen(
        [BASH, "-euc", command],
        cwd=cwd,
        env={**env, "TERM": "xterm", "COLUMNS": str(columns)},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    printed, answered = b"", 0
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], _IDLE_SECONDS)
        if ready:
            try:
                data = os.read(master, 65536)
            except OSError:  # Linux's way to say that the other side has closed
                break
            row = watch(data) if watch is not None else 1
            if b"\x1b[6n" in data:  # it asks where the cursor is
                os.write(master, b"\x1b[%d;1R" % row)
            printed += data
        # While an answer is left to give, what follows the last one is no question.
        elif b"?" in (printed[answered:] if waiting else printed[-4000:]):
            asked = printed[answered:].decode(errors="replace")
            answered = len(printed)
            name = next((name for name in waiting if name in asked), "")
            os.write(master, waiting.pop(name, "\r").encode())
    os.close(master)
    process.wait(timeout=10)
    text = printed.decode(errors="replace")
    assert process.returncode == 0, text
    assert not waiting, text
    return text


def shown(printed: str) -> list[str]:
    """Return the lines that a terminal was told to show, without colours and moves."""
    text = re.sub(r"\x1b\[[0-9;?]*m", "", printed)
    # A move begins a new line, or a question anew.
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", text)
    return [line.rstrip() for line in re.split(r"[\r\n]+", text) if line.strip()]


def questions(printed: str) -> list[str]:
    """Return the questions that Copier asked, each once, in their order."""
    asked = (line.strip() for line in shown(printed))
    return list(dict.fromkeys(a[1:].strip() for a in asked if a.startswith("🎤")))


@contextlib.contextmanager
def shell_at_a_terminal(
    cwd: Path, env: Mapping[str, str], log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[str], object]]]:
    """Yield an interactive shell and how to type there; ``log`` gets what it prints."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", BASH, "--norc", "--noprofile", "-i"],  # noqa: S607 - of every Linux
        cwd=cwd,
        env={**env, "TERM": "dumb", "PS1": "$ "},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)

    def keep() -> None:
        with log.open("ab") as file, contextlib.suppress(OSError):
            while data := os.read(master, 65536):
                file.write(data)
                file.flush()

    reader = threading.Thread(target=keep)
    reader.start()
    try:
        yield process, lambda text: os.write(master, text.encode())
    finally:
        process.kill()
        process.wait(timeout=10)
        # What is left there would hold the terminal open, and the reader with it.
        reader.join(timeout=10)
        os.close(master)
