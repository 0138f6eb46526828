"""A Node that is missing, or too old."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from ...catalogue.pinned import LOWEST_NODE, node_version
from .._check import problem, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


def probe(project: Project) -> Iterator[Finding]:
    """Ask Node for its version."""
    path = f"{project.server}/package.json"
    try:
        done = subprocess.run(
            ["node", "--version"],  # noqa: S607 - node from PATH, as npm finds it
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        yield skipped("node is not installed")
        return
    numbers = tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))
    if numbers and numbers < LOWEST_NODE:
        yield problem(
            f"Node {done.stdout.strip()} is older than {node_version()}",
            path,
            remedy=f"install Node {node_version()} or newer: https://nodejs.org",
        )
