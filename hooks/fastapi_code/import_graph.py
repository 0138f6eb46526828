"""Which modules a program loads, as far as its imports say it: the one graph of these.

What a walk from the application's module does not reach is left over, or is another
program's, and says nothing of the application. Discovery, the edits and the diagnostics
of a run walk the same graph: an import is resolved once for equal text among the same
files, and again where either has changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from ..repository.paths import is_below, join
from .modules import resolved_among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..syntax.python import Module
    from ..syntax.python_imports import Import

# Modules that are named in strings, or looked for in folders.
_BY_NAME = re.compile(
    rb"import_module|import_string|__import__|iter_modules|walk_packages|\bwiring\b"
    rb"|\bwire\(|exec_module|entry_points"
)
# A word of each, which a text is searched for faster.
_WORDS = (
    *(b"import_", b"__import__", b"_modules", b"_packages", b"wiring", b"wire("),
    *(b"exec_module", b"entry_points"),
)
# Lists of files of one run: before and after the edits, with and without a fix.
_LISTS = 8


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


@dataclass(frozen=True, kw_only=True)
class _Edges:
    """What one text imports: first-party files, and whether others by their names."""

    files: tuple[str, ...]
    by_name: bool


class ImportGraph:
    """The imports among these files, resolved from one import root when asked for."""

    def __init__(self, files: frozenset[str], import_root: str) -> None:
        """Remember the files; nothing is resolved yet."""
        self._files = files
        self._root = import_root
        self._edges: dict[tuple[str, bytes], _Edges] = {}
        self._packages: dict[str, tuple[str, ...]] = {}
        self._targets: dict[tuple[str, int, str, str], str | None] = {}

    def loaded_from(self, file: str, read: Callable[[str], Module | None]) -> Loaded:
        """Return the files that are loaded with one; ``read`` returns a module.

        A file that is listed and cannot be read is not loaded.
        """
        found = {file: None}
        waiting, is_all = [file], True
        while waiting:
            reached: dict[str, None] = {}
            for name in waiting:
                module = read(name)
                if module is None:
                    del found[name]
                    continue
                edges = self._of(name, module)
                is_all = is_all and not edges.by_name
                reached.update(dict.fromkeys(f for f in edges.files if f not in found))
            found |= reached
            waiting = [*reached]
        return Loaded(files=tuple(found), is_all=is_all)

    def _of(self, name: str, module: Module) -> _Edges:
        key = name, module.digest
        if key not in self._edges:
            self._edges[key] = self._read(name, module)
        return self._edges[key]

    def _read(self, name: str, module: Module) -> _Edges:
        source = module.source
        found: dict[str, None] = {}
        for one in module.imports:
            target = self._target(name, one)
            if target is None or not is_below(target, self._root):
                continue  # no module of the application has a name out there
            found[target] = None
            found.update(dict.fromkeys(self._packages_of(target)))
        by_name = any(word in source for word in _WORDS) and _BY_NAME.search(source)
        return _Edges(files=tuple(found), by_name=bool(by_name))

    def _target(self, importer: str, found: Import) -> str | None:
        """Return the file of an import; the same ones are in most modules."""
        folder = importer.rpartition("/")[0] if found.level else ""
        key = folder, found.level, found.module, found.name
        if key not in self._targets:
            target = resolved_among(self._files, self._root, importer, found)
            self._targets[key] = target or self._from_above(importer, found)
        return self._targets[key]

    def _from_above(self, importer: str, found: Import) -> str | None:
        """Return the file of ``src.config``, where ``src`` itself is the import root.

        Both folders are in the path then, and a module may have two names.
        """
        parent, _, own = self._root.rpartition("/")
        if found.level or found.module.partition(".")[0] != own:
            return None
        return resolved_among(self._files, parent or ".", importer, found)

    def _packages_of(self, file: str) -> tuple[str, ...]:
        """Return the ``__init__.py`` of each package that a file is in."""
        folder = file.rpartition("/")[0] or "."
        if folder not in self._packages:
            own = join(folder, "__init__.py")
            above = () if folder == "." else self._packages_of(folder)
            self._packages[folder] = (*((own,) if own in self._files else ()), *above)
        return self._packages[folder]


@lru_cache(maxsize=_LISTS)
def import_graph(files: frozenset[str], import_root: str) -> ImportGraph:
    """Return the graph of these files, shared by all callers."""
    return ImportGraph(files, import_root)
