"""Projects on pydantic 1, by their list of packages, their lock file or their code.

The auth package brings pydantic 2, with which code that is written for pydantic 1 would
not start. FastAPI before 0.100 and SQLModel before 0.0.14 are such code.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..catalogue.package_managers import PYTHON_MANAGERS
from ..discovery.sources import Sources
from ..edits.add_python_dependencies import manifests
from ..errors import AnswerError
from ..model import Integration
from ..rendering.python_packages import too_old

if TYPE_CHECKING:
    from tree_sitter import Node

    from ..answers import Answers
    from ..model import Facts
    from ..repository import Repository

_PREVIEW = "what a run would do: -d auth_apply_edits=preview"
_LOCKED = re.compile(r'(?m)^name = "pydantic"\r?\nversion = "(1\.[^"]+)"')
# Pipfile.lock is JSON, and has its own form.
_LOCKS = tuple(
    lock for row in PYTHON_MANAGERS for lock in row.locks if lock == f"{row.name}.lock"
)


def refuse_pydantic_1(repository: Repository, now: Answers, facts: Facts) -> None:
    """Raise ``AnswerError`` for such a project; a preview may still show a plan."""
    _refuse_locked_pydantic(repository, now, facts)
    if now.auth_apply_edits == "apply":
        _refuse_old_frameworks(repository, now, facts)
        _refuse_code_of_pydantic_1(repository, now, facts)


def _refuse_locked_pydantic(repository: Repository, now: Answers, facts: Facts) -> None:
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


def _refuse_old_frameworks(repository: Repository, now: Answers, facts: Facts) -> None:
    """Refuse an application that could not import the auth package, and would stop."""
    integration = Integration(root=repository.root, answers=now, facts=facts)
    for path in manifests(integration):
        if old := too_old(repository.text(path) or ""):
            message = (
                f"{path}: {old} is too old for the auth package; upgrade to "
                f"fastapi>=0.100 and pydantic>=2 first ({_PREVIEW})"
            )
            raise AnswerError(message)


def _refuse_code_of_pydantic_1(
    repository: Repository, now: Answers, facts: Facts
) -> None:
    """Refuse an application whose code imports what pydantic 2 refuses to give."""
    if facts.app_file.value is None:
        return
    sources = Sources(repository)
    loaded = sources.loaded(facts.app_file.value, now.auth_import_root)
    for path in loaded.files:
        if "BaseSettings" not in (repository.text(path) or ""):
            continue
        module = sources.module(path)
        for found in module.imports:
            is_old = (found.module, found.name) == ("pydantic", "BaseSettings")
            if is_old and _is_unconditional(module.statement(found)):
                message = (
                    f"{path}:{found.line}: only pydantic 1 has BaseSettings, and it is "
                    "too old for the auth package; upgrade to pydantic>=2 and "
                    f"pydantic-settings first ({_PREVIEW})"
                )
                raise AnswerError(message)


def _is_unconditional(statement: Node) -> bool:
    """Return True unless it is within ``try`` or ``if``, for one of two versions."""
    return statement.parent is not None and statement.parent.type == "module"
