"""From dotted module names to files of the repository, and back along imports."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..repository.paths import join

if TYPE_CHECKING:
    from pathlib import Path

    from ..repository.files import Repository
    from ..syntax.python import Module
    from ..syntax.python_imports import Import


def module_file(repository: Repository, import_root: str, dotted: str) -> str | None:
    """Return the file of a module; a package wins over a module of the same name."""
    return _module_among(repository.file_set, import_root, dotted)


def module_path(root: Path, import_root: str, dotted: str) -> str | None:
    """Return the file of a module, one that git ignores included."""
    candidates = _module_files(import_root, dotted)
    return next((name for name in candidates if (root / name).is_file()), None)


def _module_files(import_root: str, dotted: str) -> tuple[str, ...]:
    if not dotted:
        return ()
    # As text: a large project asks this a hundred thousand times.
    path = join(import_root, "/".join(filter(None, dotted.split("."))))
    return (f"{path}/__init__.py", f"{path}.py")


def resolved_import(
    repository: Repository, import_root: str, importer: str, found: Import
) -> str | None:
    """Return the file that defines what ``importer`` imports, where it is first-party.

    ``from a import b`` is ``a/b.py`` when there is one, else the file of ``a``.
    """
    return resolved_among(repository.file_set, import_root, importer, found)


def resolved_among(
    files: frozenset[str], import_root: str, importer: str, found: Import
) -> str | None:
    """Return the same where these are all the files that there are."""
    if found.level:
        base = "/".join(importer.split("/")[: -found.level]) or "."
        dotted = found.module
    else:
        base, dotted = import_root, found.module
    inner = ".".join(filter(None, (dotted, found.name)))
    return (
        _module_among(files, base, inner)
        or _module_among(files, base, dotted)
        or (_package(files, base) if not dotted else None)
    )


def local_packages(
    repository: Repository, import_root: str, importer: str, module: Module
) -> frozenset[str]:
    """Return the first components of what ``importer`` imports from the project."""
    return frozenset(
        found.module.partition(".")[0]
        for found in module.imports
        if not found.level and resolved_import(repository, import_root, importer, found)
    )


def relative_name(import_root: str, importer: str, dotted: str) -> str | None:
    """Return how ``importer`` names a module of its package: ``.auth``, ``..auth``.

    ``None`` where it has no package, or the module is in another one.
    """
    path = PurePosixPath(importer)
    if not path.is_relative_to(import_root):
        return None
    package = path.relative_to(import_root).parent.parts
    wanted = tuple(dotted.split("."))
    shared = 0
    while package[shared : shared + 1] == wanted[shared : shared + 1] != ():
        shared += 1
    if not shared:
        return None
    return "." * (len(package) - shared + 1) + ".".join(wanted[shared:])


def _module_among(files: frozenset[str], import_root: str, dotted: str) -> str | None:
    candidates = _module_files(import_root, dotted)
    return next((name for name in candidates if name in files), None)


def _package(files: frozenset[str], folder: str) -> str | None:
    name = join(folder, "__init__.py")
    return name if name in files else None
