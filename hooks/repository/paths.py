"""Paths of folders in the repository, whose root is ``.``."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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


def below_sorted(paths: Sequence[str], folder: str) -> Sequence[str]:
    """Return the same of paths that are sorted, without asking each of them."""
    if folder == ".":
        return paths
    first = bisect_left(paths, f"{folder}/")
    # No character is between the slash and the zero.
    return paths[first : bisect_left(paths, f"{folder}0", first)]


def join(folder: str, name: str) -> str:
    """Return the path of ``name`` in ``folder``."""
    return name if folder == "." else f"{folder}/{name}"
