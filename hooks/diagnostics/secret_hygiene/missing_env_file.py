"""An env file that is missing, so that neither server can start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...edits.create_env_file import create_env_file
from ...env.secrets import ONE
from ...model import Evidence, FileEdit, Finding, Fix, Plan
from .._check import FIX, Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._project import Project

BROKEN = (
    Broken(
        title="no .env",
        path="{server}/.env",
        fixed=True,
    ),
)


def find(project: Project, path: str) -> Iterator[Finding]:
    """Find that neither server can start, unless the platform sets the variables."""
    if all(os.environ.get(name) for name in (ONE, "DATABASE_URL")):
        return
    planned = create_env_file(project.integration, project.staging)
    edits = tuple(edit for edit in planned if isinstance(edit, FileEdit))
    fix = None
    if edits:
        title = f"made {path} with a fresh secret and the addresses of development"
        fix = Fix(title=title, plan=Plan(edits=edits))
    message = f"there is no {path}, so neither server can start"
    yield Finding(
        message=message,
        evidence=(Evidence(path=path, why=message),),
        remedy=f"{FIX} --check BA012" if fix else f"make {path} readable",
        fix=fix,
    )
