"""Copier as a user starts it: the command, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COPIER = Path(sys.executable).parent / "copier"
ANSWERS_FILE = ".copier-answers.better-auth.yml"


def run_copier(
    *arguments: str | Path, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``copier`` without a terminal and return what it printed."""
    return subprocess.run(
        [str(COPIER), *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def copy(
    template: Path, destination: Path, *options: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``copier copy --defaults --trust`` with ``options`` into ``destination``."""
    destination.mkdir(parents=True, exist_ok=True)
    arguments = ["copy", "--defaults", "--trust", *options, str(template), "."]
    return run_copier(*arguments, cwd=destination, env=env)


def update(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the update command that the message after a copy prints."""
    return run_copier(
        "update", "--defaults", "--trust", "-a", ANSWERS_FILE, *options, cwd=project
    )
