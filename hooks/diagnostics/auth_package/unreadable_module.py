"""A module of the auth package that is not read as Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...repository import git
from ...syntax.broken_python import unreadable_line
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="it is not read as Python",
        path="{package}/router.py",
        before='prefix="/auth"',
        after='prefix="/auth',
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Read every module of the package."""
    for path, module in project.modules.items():
        if at := unreadable_line(module):
            yield problem(
                f"{path} is not read as Python, so FastAPI does not start",
                path,
                at,
                remedy=git.restoring(project.root, path)
                or f"correct {path}, line {at}",
            )
