"""A read-only view of a repository: which files it has and what they say.

Lists only what git tracks or would track, with one git call; reads tolerantly, within
limits, once a file. Nothing is ever imported, run or followed out of the root.
"""

from __future__ import annotations

import os
import stat
import time
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..syntax.encoding import BOM, decoded, is_text
from . import git
from .paths import below_sorted

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

MAX_BYTES = 2_000_000
# What a person would not call source, where no .gitignore says so.
IGNORED_FOLDERS = frozenset(
    {".git", ".hg", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox"}
    | {".venv", "__pycache__", "build", "dist", "env", "node_modules", "venv"}
    | {"site-packages", ".next", ".nuxt", ".svelte-kit", ".data"}
)
# Never through a link, and never waiting for the other end of a pipe.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class OutOfTimeError(Exception):
    """The time that was set for reading is used up."""


class Repository:
    """The files below ``root``, by POSIX path relative to it."""

    def __init__(self, root: Path) -> None:
        """Remember the root; nothing is read yet."""
        self.root = root
        self._prefix = os.path.join(root, "")  # noqa: PTH118 - thousands of times
        self._deadline: float | None = None
        self._earliest = 0.0
        self._texts: dict[str, str | None] = {}

    @property
    def deadline(self) -> float | None:
        """When reading must end, in this process's own time; ``None``: never."""
        return self._deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        self._deadline, self._earliest = deadline, 0.0

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file that git tracks or would track, else every file, sorted."""
        listed = self._listed_by_git()
        names = self._walked() if listed is None else listed
        kept = (name for name in names if IGNORED_FOLDERS.isdisjoint(name.split("/")))
        return tuple(sorted(kept))

    @cached_property
    def file_set(self) -> frozenset[str]:
        """The same files, for membership."""
        return frozenset(self.files)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds one of the files, at any depth, and ``.``."""
        found = {"."}
        for folder in self._places[1]:
            parent = folder
            while parent not in found:
                found.add(parent)
                parent = parent.rpartition("/")[0] or "."
        return frozenset(found)

    def below(self, folder: str) -> Sequence[str]:
        """Return the files in ``folder``, and in the folders of it, sorted."""
        return below_sorted(self.files, folder)

    def in_folder(self, folder: str) -> Sequence[str]:
        """Return the files directly in ``folder``, sorted."""
        return self._places[1].get(folder, ())

    def named(self, *names: str) -> list[str]:
        """Return the files with one of these base names, the shallowest first."""
        found = [f for name in set(names) for f in self._places[0].get(name, ())]
        return sorted(found, key=lambda name: (name.count("/"), name))

    def matching(self, pattern: re.Pattern[str]) -> list[str]:
        """Return the files whose base name a pattern finds, sorted.

        A name that many files have is asked about once.
        """
        named = self._places[0].items()
        return sorted(f for name, found in named if pattern.search(name) for f in found)

    @cached_property
    def _places(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The files by their base name, and by their folder."""
        by_name: dict[str, list[str]] = {}
        by_folder: dict[str, list[str]] = {}
        for file in self.files:
            folder, _, name = file.rpartition("/")
            by_name.setdefault(name, []).append(file)
            by_folder.setdefault(folder or ".", []).append(file)
        return by_name, by_folder

    def ignored_in(self, folder: str) -> tuple[str, ...]:
        """Return the files directly in ``folder`` that git ignores, sorted."""
        try:
            entries = list((self.root / folder).iterdir())
        except OSError:
            return ()
        names = (f"{folder}/{e.name}" for e in entries if e.is_file())
        return tuple(sorted(name for name in names if name not in self.file_set))

    def text(self, name: str) -> str | None:
        """Return a file's text, or ``None`` where it is missing, binary or huge.

        Raises ``OutOfTimeError`` after the ``deadline``, where one is set.
        """
        self.check_time()
        if name not in self._texts:
            data = self.read(name)
            self._texts[name] = None if data is None else _decoded(data)
        return self._texts[name]

    def check_time(self) -> None:
        """Raise ``OutOfTimeError`` after the ``deadline``, where one is set."""
        if self._deadline is None or time.monotonic() < self._earliest:
            return
        # To ask for a process's own time takes longer than most answers. It does not
        # pass faster than the clock's, so that nobody need ask before then.
        left = self._deadline - time.process_time()
        if left < 0:
            raise OutOfTimeError
        self._earliest = time.monotonic() + left

    def read(self, name: str) -> bytes | None:
        """Return a regular file's bytes; ``None`` for anything else, or a huge one."""
        try:
            descriptor = os.open(f"{self._prefix}{name}", _READ)
        except (OSError, ValueError):
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                return None
            return _whole(descriptor, status.st_size)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def _listed_by_git(self) -> list[str] | None:
        wanted = ("--cached", "--others", "--exclude-standard")
        names = git.paths(self.root, "ls-files", "-z", *wanted)
        # Nothing listed: perhaps a new project inside a folder that an outer
        # repository ignores. What is there then counts, as without git.
        return list(dict.fromkeys(names)) or None

    def _walked(self) -> list[str]:
        found: list[str] = []
        for parent, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in IGNORED_FOLDERS]
            inside = PurePosixPath(Path(parent).relative_to(self.root).as_posix())
            found += [str(inside / name) for name in files]
        return found


def _whole(descriptor: int, size: int) -> bytes:
    """Return what a file holds: with one call, unless it grows or shrinks just now."""
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    parts = [data]
    while part := os.read(descriptor, MAX_BYTES):
        parts.append(part)
    return b"".join(parts)


def _decoded(data: bytes) -> str | None:
    return decoded(data).removeprefix(BOM) if is_text(data) else None
