"""Which Python files speak for the application, and what their names resolve to."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..fastapi_code.import_graph import import_graph
from ..fastapi_code.modules import module_file, resolved_import
from ..repository.paths import below_sorted, is_below
from ..syntax.python import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ..fastapi_code.import_graph import Loaded
    from ..repository import Repository
    from ..syntax.python import Module
    from ..syntax.python_imports import Import

# Applications in tests, documents and assistants' folders are never served.
_ASIDE = re.compile(
    r"tests?|testing|docs?([_-]\w+)?|specs?|\..+|migrations|alembic|versions|scripts"
    r"|examples?|harness|benchmarks?|notebooks?|fixtures|templates?"
)
_CONFTEST = "conftest.py"
_SCRIPTS = re.compile(r"(^|/)scripts(?=/|$)")


class Sources:
    """The Python files of a repository that are code, parsed when asked for."""

    def __init__(self, repository: Repository) -> None:
        """Remember the repository; nothing is read yet."""
        self.repository = repository

    @cached_property
    def python(self) -> tuple[str, ...]:
        """Code: no tests, documents, migrations or templates of another generator."""
        found = [
            name
            for name in self.repository.files
            if name.endswith(".py") and not _is_test(name) and "{{" not in name
        ]
        kept = [name for name in found if not self._is_aside(_folder(name))]
        # A project may itself be called `example`; then there is nothing beside it.
        return tuple([*kept, *self._served_scripts(found, kept)] or found)

    def _served_scripts(self, found: list[str], kept: list[str]) -> list[str]:
        """Return the packages called ``scripts``, where the application is in one."""
        if any("FastAPI(" in (self.repository.text(name) or "") for name in kept):
            return []
        packages = [
            name
            for name in found
            if _SCRIPTS.search(folder := _folder(name))
            and not self._is_aside(_SCRIPTS.sub("", folder).strip("/"))
            and f"{folder}/__init__.py" in self.repository.file_set
        ]
        texts = (self.repository.text(name) or "" for name in packages)
        return packages if any("FastAPI(" in text for text in texts) else []

    def below(self, folder: str) -> Sequence[str]:
        """Return the code files in ``folder``, and in the folders of it, sorted."""
        return below_sorted(self.python, folder)

    def _is_aside(self, folder: str) -> bool:
        if folder not in self._aside:
            parent, _, name = folder.rpartition("/")
            is_aside = _ASIDE.fullmatch(name) is not None
            self._aside[folder] = is_aside or self._is_aside(parent)
        return self._aside[folder]

    @cached_property
    def _aside(self) -> dict[str, bool]:
        return {"": False}

    @cached_property
    def _texts(self) -> list[str]:
        """The text of each code file, for searches that ask all of them."""
        return [self.repository.text(name) or "" for name in self.python]

    @cached_property
    def _holding(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _modules(self) -> dict[str, Module]:
        return {}

    def module(self, name: str) -> Module:
        """Return a file as a syntax tree; an empty one where it is no text."""
        if name not in self._modules:
            self.repository.check_time()
            self._modules[name] = parse(self.source(name) or b"")
        return self._modules[name]

    def source(self, name: str) -> bytes | None:
        """Return a file's text in UTF-8; ``None`` where it is no text."""
        text = self.repository.text(name)
        return None if text is None else text.encode()

    def loaded(self, file: str, import_root: str) -> Loaded:
        """Return the files that are loaded with one, imported from ``import_root``."""
        graph = import_graph(self.repository.file_set, import_root)
        return graph.loaded_from(file, self._readable)

    def _readable(self, name: str) -> Module | None:
        return None if self.repository.text(name) is None else self.module(name)

    def packages_in(
        self, files: Collection[str], packages: Collection[str]
    ) -> frozenset[str]:
        """Return those of the packages that these files import, or a part of which."""
        tops = {package.partition(".")[0] for package in packages}
        modules = {
            f"{found.module}."
            for name in files
            if any(top in (self.repository.text(name) or "") for top in tops)
            for found in self.module(name).imports
            if not found.level
        }
        return frozenset(
            package
            for package in packages
            if any(module.startswith(f"{package}.") for module in modules)
        )

    def mentioning(self, *words: str, below: str = ".") -> list[str]:
        """Return the code files whose text holds one of ``words``, sorted.

        A word is looked for once, in all of them, as most are asked for again.
        """
        found = {name for word in words for name in self._with(word)}
        return sorted(name for name in found if is_below(name, below))

    def _with(self, word: str) -> tuple[str, ...]:
        if word not in self._holding:
            self.repository.check_time()
            self._holding[word] = tuple(self._searched(word))
        return self._holding[word]

    def _searched(self, word: str) -> Iterator[str]:
        """Yield the files that hold a word; a part of it may have been asked before."""
        parts = (names for part, names in self._holding.items() if part in word)
        fewest = min(parts, key=len, default=None)
        if fewest is None:
            pairs = zip(self.python, self._texts, strict=True)
            yield from (name for name, text in pairs if word in text)
        else:
            text = self.repository.text
            yield from (name for name in fewest if word in (text(name) or ""))

    def mentioning_in_any_case(self, *words: str, below: str = ".") -> list[str]:
        """Return the same for words in small letters, however they are written."""
        pairs = zip(self.python, self._texts, strict=True)
        lowered = ((name, text.lower()) for name, text in pairs)
        found = (name for name, low in lowered if any(word in low for word in words))
        return [name for name in found if is_below(name, below)]

    def module_file(self, root: str, dotted: str) -> str | None:
        """Return the file of a dotted module below ``root``; packages win."""
        return module_file(self.repository, root, dotted)

    def resolve(self, root: str, importer: str, found: Import) -> str | None:
        """Return the first-party file that an import takes its name from."""
        return resolved_import(self.repository, root, importer, found)


def symbol(root: str, file: str, name: str) -> str:
    """Return ``module:name`` for a name of a file, as it is imported from ``root``."""
    return f"{dotted_name(root, file)}:{name}"


def dotted_name(root: str, name: str) -> str:
    """Return the module name of a file as imported from ``root``."""
    path = PurePosixPath(name)
    parts = (
        path.relative_to(root).with_suffix("").parts
        if root != "."
        else (path.with_suffix("").parts)
    )
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_test(name: str) -> bool:
    base = name.rpartition("/")[2]
    return base.startswith("test_") or base.endswith("_test.py") or base == _CONFTEST


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
