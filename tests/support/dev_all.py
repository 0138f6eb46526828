"""A project whose ``dev:all`` runs: its ports, its log, its processes among others."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

DEV_ALL = ("npm", "run", "dev:all")
_MARK = "DEV_ALL_PROJECT"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project with ports of its own, whose processes can be told from others."""

    folder: Path
    auth: int
    api: int
    database: int

    @property
    def data(self) -> Path:
        """Where the embedded database keeps its data."""
        return self.folder / "auth-server/.data"

    @property
    def log(self) -> Path:
        """What all runs printed."""
        return self.folder / "dev-all.log"

    @property
    def environment(self) -> dict[str, str]:
        """What tells the processes of a run from others."""
        return {"API_PORT": str(self.api), _MARK: str(self.folder)}

    def start(self, *command: str | Path, **env: str) -> subprocess.Popen[bytes]:
        """Start ``dev:all``, or a command, in its own group as a terminal does."""
        with self.log.open("ab") as output:
            return subprocess.Popen(
                command or DEV_ALL,
                cwd=self.folder / "auth-server",
                env={**os.environ, **self.environment, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def processes(self) -> dict[int, str]:
        """Every process of a run, by its environment or its working folder."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                environment = (process / "environ").read_bytes()
                folder = (process / "cwd").readlink()
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            mark = f"{_MARK}={self.folder}\0".encode()
            if mark in environment or folder.is_relative_to(self.folder):
                found[int(process.name)] = command.decode().replace("\0", " ")
        return found

    def gone(self, within: float = 30, *, besides: int = 0) -> float:
        """Wait until no process is left; return the seconds that took."""
        started = time.monotonic()
        while left := {p: c for p, c in self.processes().items() if p != besides}:
            assert time.monotonic() - started < within, left
            time.sleep(0.1)
        return time.monotonic() - started

    def printed(self) -> str:
        """What all runs printed."""
        return self.log.read_text(errors="replace")


def kill(pid: int) -> None:
    """Send SIGKILL, unless the process has just ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
