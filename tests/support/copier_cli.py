"""Copier as a user starts it, in its own process; or here, only to render."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import copier
from plumbum import local

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def render_only(
    template: Path, destination: Path, data: Mapping[str, object], **options: bool
) -> None:
    """Render the template in this process, without its hooks.

    The template's extension sets git's variables, for as long as a run of Copier lasts:
    they end here with it.
    """
    with mock.patch.dict(os.environ), local.env():
        copier.run_copy(
            str(template),
            destination,
            data=dict(data),
            defaults=True,
            unsafe=True,
            quiet=True,
            skip_tasks=True,
            **options,
        )


def update(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the update command that the message after a copy prints."""
    return run_copier(
        "update", "--defaults", "--trust", "-a", ANSWERS_FILE, *options, cwd=project
    )
