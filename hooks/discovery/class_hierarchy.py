"""Follow a class to the classes that it is derived from, through imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..syntax.python import name_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.python_imports import Import
    from .sources import Sources

_MOST = 30


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class definition, and the file that it is in."""

    file: str
    node: Node


class Hierarchy:
    """Looks classes up from one import root, each once."""

    def __init__(self, sources: Sources, import_root: str) -> None:
        """Remember where; nothing is read yet."""
        self.sources = sources
        self.import_root = import_root
        self._known: dict[tuple[str, int], list[Class]] = {}
        self._local: dict[str, dict[str, Node]] = {}

    def above(self, one: Class) -> list[Class]:
        """Return the classes that a class is derived from, the nearest first."""
        key = (one.file, one.node.start_byte)
        if key not in self._known:
            self._known[key] = []  # a circle has no end
            bases = [*self._bases(one)]
            further = [up for base in bases for up in self.above(base)]
            self._known[key] = [*bases, *further][:_MOST]
        return self._known[key]

    def _bases(self, one: Class) -> Iterator[Class]:
        bases = one.node.child_by_field_name("superclasses")
        module = self.sources.module(one.file)
        for base in bases.named_children if bases is not None else ():
            name = text(base).rpartition(".")[2]
            local = self.classes(one.file).get(name)
            if local is not None and local != one.node:
                yield Class(file=one.file, node=local)
                continue
            for found in module.imports:
                if found.alias != text(base).partition(".")[0]:
                    continue
                yield from self._imported(one.file, found.name or name, name, found)

    def classes(self, file: str) -> dict[str, Node]:
        """Return the classes of a file by name, the first of each."""
        if file not in self._local:
            found: dict[str, Node] = {}
            self._local[file] = found
            for node in self.sources.module(file).classes():
                found.setdefault(name_of(node), node)
        return self._local[file]

    def _imported(
        self, file: str, wanted: str, name: str, found: Import
    ) -> Iterator[Class]:
        """Follow an import, and one more where a package passes the name on."""
        for _ in range(3):
            target = self.sources.resolve(self.import_root, file, found)
            if target is None:
                return
            there = self.classes(target)
            if (node := there.get(wanted) or there.get(name)) is not None:
                yield Class(file=target, node=node)
                return
            imports = self.sources.module(target).imports
            again = next((i for i in imports if i.alias == wanted), None)
            if again is None:
                return
            file, found, wanted = target, again, again.name
