"""Paths of folders in the repository, whose root is ``.``."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def above(folder: str) -> list[str]:
    """Return ``folder`` and the folders above it, the nearest first."""
    path = PurePosixPath(folder)
    return list(dict.fromkeys([str(path), *(str(p) for p in path.parents), "."]))


def is_below(path: str, folder: str) -> bool:
    """Return True if ``path`` is in ``folder``, or in a folder of it."""
    return folder == "." or path.startswith(f"{folder}/")


def below(paths: Iterable[str], folder: str) -> list[str]:
    """Return those of ``paths`` that are in ``folder``, or in a folder of it."""
    return [path for path in paths if is_below(path, folder)]


def join(folder: str, name: str) -> str:
    """Return the path of ``name`` in ``folder``."""
    return name if folder == "." else f"{folder}/{name}"
