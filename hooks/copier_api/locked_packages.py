"""Projects that a lock file shows to run on pydantic 1, whatever their list allows.

The auth package brings pydantic 2, with which their own code would not start.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..catalogue.package_managers import PYTHON_MANAGERS
from ..errors import AnswerError

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
