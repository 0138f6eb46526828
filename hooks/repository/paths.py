"""Paths of folders in the repository, whose root is ``.``."""

from __future__ import annotations

from pathlib import PurePosixPath


def above(folder: str) -> list[str]:
    """Return ``folder`` and the folders above it, the nearest first."""
    path = PurePosixPath(folder)
    return list(dict.fromkeys([str(path), *(str(p) for p in path.parents), "."]))


def join(folder: str, name: str) -> str:
    """Return the path of ``name`` in ``folder``."""
    return name if folder == "." else f"{folder}/{name}"
