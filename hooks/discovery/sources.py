"""Which Python files speak for the application, and what their names resolve to."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..fastapi_code.modules import module_file, resolved_import
from ..syntax.python import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..repository import Repository
    from ..syntax.python import Module
    from ..syntax.python_imports import Import

# Applications in tests, documents and assistants' folders are never served.
_ASIDE = re.compile(
    r"(^|/)(tests?|testing|docs?([_-]\w+)?|specs?|\.[^/]{1,255}|migrations|alembic|versions|scripts"
    r"|examples?|harness|benchmarks?|notebooks?|fixtures|templates?)(/|$)"
)
_SCRIPTS = re.compile(r"(^|/)scripts(?=/|$)")
_TEST_FILE = re.compile(r"(^|/)(test_[^/]{0,255}|[^/]{0,255}_test|conftest)\.py$")


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
            if name.endswith(".py") and not _TEST_FILE.search(name) and "{{" not in name
        ]
        kept = [name for name in found if not _ASIDE.search(_folder(name))]
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
            and not _ASIDE.search(_SCRIPTS.sub("", folder))
            and f"{folder}/__init__.py" in self.repository.file_set
        ]
        texts = (self.repository.text(name) or "" for name in packages)
        return packages if any("FastAPI(" in text for text in texts) else []

    @cached_property
    def _importing(self) -> dict[str, tuple[tuple[str, Import], ...]]:
        return {}

    @cached_property
    def _modules(self) -> dict[str, Module]:
        return {}

    def module(self, name: str) -> Module:
        """Return a file as a syntax tree; an empty one where it is no text."""
        if name not in self._modules:
            self.repository.check_time()
            source = (self.repository.text(name) or "").encode()
            self._modules[name] = parse(source)
        return self._modules[name]

    def importing(self, name: str) -> tuple[tuple[str, Import], ...]:
        """Return each import of ``name`` from a module, with the file that has it."""
        if name not in self._importing:
            self._importing[name] = tuple(
                (file, found)
                for file in self.mentioning(name)
                for found in self.module(file).imports
                if found.name == name
            )
        return self._importing[name]

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

    def mentioning(self, *words: str) -> Iterator[str]:
        """Yield the code files whose text holds one of ``words``."""
        for name in self.python:
            text = self.repository.text(name)
            if text and any(word in text for word in words):
                yield name

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


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
