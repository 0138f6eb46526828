"""A package that looks for the auth server's ``.env`` where it is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...answers.paths import to_root
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

_ABOVE = re.compile(r"[\"']((?:\.\./){1,20})[^\"'\n]{0,200}\.env[\"']")

BROKEN = (
    Broken(
        title="it looks for .env in another folder",
        path="{package}/config.py",
        before='"../../../',
        after='"../../',
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Find a package that looks for the auth server from a place it is not in."""
    path = f"{project.package}/config.py"
    source = project.text(path) or ""
    found, wanted = _ABOVE.search(source), to_root(project.package)
    if found is not None and found[1] != wanted:
        yield problem(
            f"{path} looks for {project.env_path} in another folder than it is in",
            path,
            source.count("\n", 0, found.start()) + 1,
            remedy=f"write {wanted}{project.env_path}",
        )
