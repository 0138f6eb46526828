"""The backend's modules: which the application imports, and what names mean there."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

from ..syntax.python import callee
from .import_graph import import_graph
from .modules import module_path, resolved_import
from .router_place import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..answers import Answers
    from ..repository.staging import Staging
    from ..syntax.python import Module
    from ..syntax.python_imports import Import

_OPAQUE = (b"import *", b"globals(", b"__getattr__")


class ProjectFiles(Protocol):
    """The files of a project, as they are or as planned, with its answers."""

    @property
    def root(self) -> Path:
        """The repository's folder."""
        ...

    @property
    def answers(self) -> Answers:
        """What the user chose."""
        ...

    @property
    def staging(self) -> Staging:
        """The files with the edits that are planned so far."""
        ...

    def below(self, folder: str, *endings: str) -> list[str]:
        """Return the files below ``folder`` whose names end so."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; ``None`` where there is none."""
        ...

    def module(self, path: str) -> Module | None:
        """Return a Python file; ``None`` where there is none."""
        ...


class Backend:
    """The Python below the folder that the application is imported from."""

    def __init__(self, project: ProjectFiles) -> None:
        """Remember the project; nothing is read yet."""
        self._project = project
        self.root = project.answers.auth_import_root
        self._repository = project.staging.repository
        self._sources: dict[str, bytes | None] = {}
        self.code = Code(
            repository=self._repository, import_root=self.root, read=project.read
        )

    @cached_property
    def app_path(self) -> str | None:
        """The file of the application's module; ``None`` where there is none."""
        answers = self._project.answers
        return module_path(self._project.root, self.root, answers.app_module)

    @cached_property
    def files(self) -> list[str]:
        """Every Python file below the import root."""
        return self._project.below(self.root, ".py")

    def files_with(self, words: Iterable[str]) -> Iterator[str]:
        """Yield the files whose text has one of these words; others need no parsing."""
        needles = [word.encode() for word in words]
        for path in self.files:
            source = self._read(path) or b""
            if any(needle in source for needle in needles):
                yield path

    def module(self, path: str) -> Module | None:
        """Return a file as a syntax tree; ``None`` where there is none."""
        return self._project.module(path)

    def resolved(self, path: str, found: Import) -> str | None:
        """Return the project's file that an import takes its name from."""
        origin = resolved_import(self._repository, self.root, path, found)
        # Git lists what it tracks, be it there or not.
        return origin if origin and self._read(origin) is not None else None

    def _read(self, path: str) -> bytes | None:
        if path not in self._sources:
            self._sources[path] = self._project.read(path)
        return self._sources[path]

    def absolute(self, path: str, found: Import) -> str:
        """Return what an import names, from the import root: ``app.auth.router``."""
        above: tuple[str, ...] = ()
        if found.level and PurePosixPath(path).is_relative_to(self.root):
            inside = PurePosixPath(path).relative_to(self.root)
            above = inside.parts[: -found.level]
        return ".".join(filter(None, (*above, found.module, found.name)))

    @cached_property
    def reachable(self) -> frozenset[str] | None:
        """The files that the application imports; ``None`` where that is not known."""
        if self.app_path is None:
            return None
        graph = import_graph(self._repository.file_set, self.root)
        loaded = graph.loaded_from(self.app_path, self.module)
        return frozenset(loaded.files) if loaded.files and loaded.is_all else None

    def is_factory(self, name: str) -> bool:
        """Return True if the server itself calls a function: ``app.main:make()``."""
        answers = self._project.answers
        return answers.auth_app.endswith("()") and name == answers.app_attribute

    def calls_function(self, name: str) -> bool:
        """Return True if any file uses a function: calls it, or hands it on."""
        needle = name.encode()
        for path in self.files_with([name]):
            module = self.module(path)
            for node in module.nodes("identifier") if module is not None else ():
                above = node.parent
                is_definition = above is not None and (
                    above.type == "function_definition"
                    and above.child_by_field_name("name") == node
                )
                is_import = above is not None and above.type in {
                    "dotted_name",
                    "aliased_import",
                }
                if node.text == needle and not is_definition and not is_import:
                    return True
        return False


def may_bind(module: Module, name: str) -> bool:
    """Return True if a module defines a name, or could in a way that is not seen."""
    if any(word in module.source for word in _OPAQUE):
        return True
    return module.binds(name) or any(
        callee(call) == "setattr" for call in module.nodes("call")
    )
