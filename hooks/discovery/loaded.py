"""Which modules the application loads, as far as its imports say it.

One walk over the imports, from the application's own module: what it does not reach is
left over, or is another program's, and says nothing of the application.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..repository.paths import is_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .application import Application
    from .sources import Sources

# Modules that are named in strings, or looked for in folders.
_BY_NAME = re.compile(
    r"import_module|import_string|__import__|iter_modules|walk_packages|\bwiring\b"
    r"|\bwire\(|exec_module|entry_points"
)
# A word of each, which a text is searched for faster.
_WORDS = (
    *("import_", "__import__", "_modules", "_packages", "wiring", "wire("),
    *("exec_module", "entry_points"),
)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The files that are loaded, the nearest to the application's module first.

    ``is_all`` is false where one of them loads others in a way that no import shows.
    """

    files: tuple[str, ...] = ()
    is_all: bool = False

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.files)

    def first(self, files: Iterable[str]) -> list[str]:
        """Return these files, and before them all that is loaded."""
        return list(dict.fromkeys([*self.files, *files]))

    def __contains__(self, name: str) -> bool:
        """Return True if the file is loaded for certain."""
        return name in self._set


NOTHING_LOADED = Loaded()


def loaded_modules(sources: Sources, application: Application) -> Loaded:
    """Return the files that are loaded with the application's own module."""
    return loaded_from(sources, application.file, application.import_root)


def loaded_from(sources: Sources, file: str, import_root: str) -> Loaded:
    """Return the files that are loaded with one, imported from ``import_root``."""
    found = {file: None}
    waiting, is_all = [file], True
    while waiting:
        reached: list[str] = []
        for name in waiting:
            source = sources.repository.text(name) or ""
            if any(word in source for word in _WORDS) and _BY_NAME.search(source):
                is_all = False
            for one in _imported(sources, import_root, name):
                if one not in found:
                    found[one] = None
                    reached.append(one)
        waiting = reached
    return Loaded(files=tuple(found), is_all=is_all)


def _imported(sources: Sources, root: str, name: str) -> Iterator[str]:
    for one in sources.module(name).imports:
        target = sources.resolve(root, name, one)
        if target is None or not is_below(target, root):
            continue  # no module of the application has a name out there
        yield target
        for folder in PurePosixPath(target).parents:
            package = str(folder / "__init__.py")
            if package in sources.repository.file_set:
                yield package
