"""What git says about a repository, each question a command with a time limit."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# git's own code where there is no repository, and ours where there is no git.
NOT_A_REPOSITORY = 128
_SECONDS = 60
# A repository's configuration may name a program to watch its files; it is not started.
_RUN_NOTHING = ("-c", "core.fsmonitor=false")


def output(root: Path, *arguments: str) -> bytes | None:
    """Return what git prints, run in ``root``; ``None`` where it fails."""
    code, printed = run(root, *arguments)
    return printed if code == 0 else None


def line(root: Path, *arguments: str) -> str:
    """Return the one line that git prints; empty where it fails or prints none."""
    return (output(root, *arguments) or b"").decode("utf-8", "replace").strip()


def run(root: Path, *arguments: str) -> tuple[int, bytes]:
    """Return git's exit code and what it prints."""
    command = ["git", *_RUN_NOTHING, "-C", str(root), *arguments]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return NOT_A_REPOSITORY, b""
    return done.returncode, done.stdout
