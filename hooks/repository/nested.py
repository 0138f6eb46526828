"""Repositories inside the repository: submodules, and clones that git passes over.

Git lists such a folder as one entry and none of its files, so that what is written into
it would be part of another history.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .files import Repository

_MOST_FILES = 2000
_OF_A_BACKEND = re.compile(r"(?i)back|api|server|service|python")
_IS_APPLICATION = b"FastAPI("


def nested_repositories(repository: Repository) -> tuple[str, ...]:
    """Return the folders that are repositories of their own."""
    listed = (name.rstrip("/") for name in repository.files)
    return tuple(n for n in listed if (repository.root / n).is_dir())


def within_nested(repository: Repository, folder: str) -> str | None:
    """Return the nested repository that ``folder`` is, or lies in."""
    path = PurePosixPath(folder)
    for name in nested_repositories(repository):
        if path.is_relative_to(name):
            return name
    return None


def nested_application(repository: Repository) -> str | None:
    """Return the nested repository in which FastAPI is used, if there is one.

    One that is not checked out is judged by its name.
    """
    for name in nested_repositories(repository):
        looked_at = 0
        if not any((repository.root / name).iterdir()) and _OF_A_BACKEND.search(name):
            return name
        for parent, folders, files in os.walk(repository.root / name):
            folders[:] = [f for f in folders if not f.startswith((".", "node_modules"))]
            for file in files:
                looked_at += 1
                path = os.path.relpath(f"{parent}/{file}", repository.root)
                if file.endswith(".py") and _IS_APPLICATION in (
                    repository.read(path) or b""
                ):
                    return name
            if looked_at > _MOST_FILES:
                break
    return None
