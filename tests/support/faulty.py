"""Runs of the workspace that fail, or are killed, at a step that a test chooses.

Run as a program, it reads one run a line and prints how it ended. Each is a process of
its own, made from this one, so that nothing is imported anew.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from copier_better_auth.errors import ApplyError
from copier_better_auth.model import FileEdit, Move, Plan
from copier_better_auth.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KILLED, FAILED, STOPPED, UNNOTICED = 9, 3, 5, 4
_WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link"}


def _edit(path: str, before: bytes | None, after: bytes | None) -> FileEdit:
    return FileEdit(path=path, before=before, after=after, why=("a test",))


_PLAN = Plan(
    edits=(
        _edit("a.py", b"a\n", b"A\n"),
        _edit("new/folder/b.py", None, b"B\n"),
        _edit("old/gone.py", b"gone\n", None),
        _edit("c.py", b"c\n", b"C\n"),
        _edit(".env", b"SECRET=before\n", b"SECRET=after\n"),
        FileEdit(
            path="new/.env",
            before=None,
            after=b"SECRET=new\n",
            why=("a test",),
            secret=True,
            mode=0o600,
        ),
    ),
    moves=(Move(path="data", to="new/data"),),
)


def prepared(root: Path) -> Path:
    """Make the files that the plan changes."""
    for path, data in (
        ("a.py", b"a\n"),
        ("c.py", b"c\n"),
        (".env", b"SECRET=before\n"),
        ("old/gone.py", b"gone\n"),
        ("data/rows", b"rows\n"),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    (root / "c.py").chmod(0o755)
    (root / ".env").chmod(0o600)
    return root


class Faulty:
    """The program, running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take what speaks to it."""
        self._process = process

    def __call__(self, root: Path, fault: str = "none", step: int = 0) -> int:
        """Apply the plan, or undo it (``undo-...``); return the exit code.

        When it returns, so has whatever cleans up after that run.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{root}\t{fault}\t{step}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def faulty_runs() -> Iterator[Faulty]:
    """Start the program; end it afterwards."""
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Faulty(process)
        assert process.stdin
        process.stdin.close()


def _run(root: Path, fault: str, step: int) -> int:
    count, this = 0, os.getpid()

    def interfere(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if os.getpid() != this:
            return  # the process that watches this one
        flags = arguments[2] if event == "open" else 0
        if event not in _WRITES and not (isinstance(flags, int) and flags & 3):
            return
        count += 1
        if count == step:
            _FAULTS[fault.removeprefix("undo-")]()

    workspace = Workspace(root)
    sys.addaudithook(interfere)
    try:
        if fault.startswith("undo"):
            workspace.undo()
        else:
            workspace.apply(_PLAN)
    except ApplyError:
        return FAILED
    except KeyboardInterrupt:
        return STOPPED
    return UNNOTICED if 0 < step <= count else 0


def _fail() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _interrupt() -> None:
    raise KeyboardInterrupt


def _kill() -> None:
    os._exit(KILLED)


def _go_down() -> None:
    """End what watches this process first, as a machine that goes down does."""
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
    _kill()


_FAULTS: dict[str, Callable[[], None]] = {
    "fail": _fail,
    "Ctrl-C": _interrupt,
    "kill": _kill,
    "down": _go_down,
}


def _serve() -> None:
    for line in sys.stdin:
        root, fault, step = line.rstrip("\n").split("\t")
        all_ended, held = os.pipe()
        child = os.fork()
        if child == 0:
            os._exit(_run(Path(root), fault, int(step)))
        os.close(held)
        _, status = os.waitpid(child, 0)
        os.read(all_ended, 1)  # the end, when nothing that it started is left
        os.close(all_ended)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
