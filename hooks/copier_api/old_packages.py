"""Projects whose packages are too old for the auth package, by list or by lock file.

It brings pydantic 2, with which code that is written for pydantic 1 would not start.
FastAPI before 0.100 is such code.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..catalogue.package_managers import PYTHON_MANAGERS
from ..edits.add_python_dependencies import manifests
from ..errors import AnswerError
from ..model import Integration
from ..rendering.python_packages import too_old

if TYPE_CHECKING:
    from ..answers import Answers
    from ..model import Facts
    from ..repository import Repository

_LOCKED = re.compile(r'(?m)^name = "pydantic"\r?\nversion = "(1\.[^"]+)"')
# Pipfile.lock is JSON, and has its own form.
_LOCKS = tuple(
    lock for row in PYTHON_MANAGERS for lock in row.locks if lock == f"{row.name}.lock"
)


def refuse_locked_pydantic(repository: Repository, now: Answers, facts: Facts) -> None:
    """Refuse a lock file of pydantic 1 next to the project's list of packages."""
    for folder in (facts.manifest_dir.value or now.auth_backend_dir, "."):
        for name in _LOCKS:
            path = str(PurePosixPath(folder, name))
            if found := _LOCKED.search(repository.text(path) or ""):
                message = (
                    f"{path}: pydantic {found[1]} is too old for the auth package; "
                    "upgrade to pydantic>=2 first"
                )
                raise AnswerError(message)


def refuse_old_frameworks(repository: Repository, now: Answers, facts: Facts) -> None:
    """Refuse an application that could not import the auth package, and would stop."""
    integration = Integration(root=repository.root, answers=now, facts=facts)
    for path in manifests(integration):
        if old := too_old(repository.text(path) or ""):
            message = (
                f"{path}: {old} is too old for the auth package; upgrade to "
                "fastapi>=0.100 and pydantic>=2 first (what a run would do: "
                "-d auth_apply_edits=preview)"
            )
            raise AnswerError(message)
