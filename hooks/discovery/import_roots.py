"""From which folder a module is imported, and from which its server is started."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..repository.paths import is_below

if TYPE_CHECKING:
    from .application import Application
    from .sources import Sources

# `.env.example`, `example.env`: what is beside it, is read from there.
_ENV_FILE = re.compile(r"\.env[^/]{0,99}|[\w-]{1,99}\.env|env\.\w{1,99}")
# A path that is relative to the folder in which the server is started.
_SERVED = re.compile(
    r"\b(?:StaticFiles|Jinja2Templates)\(\s{0,99}(?:directory\s{0,9}=\s{0,9})?"
    r"[\"']([\w-][\w./-]{0,199})[\"']"
)
_MANIFESTS = (
    "pyproject.toml",
    "requirements.txt",
    "Pipfile",
    "setup.py",
    "poetry.lock",
)


def place(sources: Sources, application: Application) -> None:
    """Find the folder from which the module's own first-party imports resolve."""
    name = application.file
    ancestors = _ancestors(name)
    # `from .api import router` works only below a package.
    dots = max((found.level for found in sources.module(name).imports), default=0)
    ancestors = ancestors[dots:] or ancestors[-1:]
    votes = dict.fromkeys(ancestors, 0)
    for found in sources.module(name).imports:
        if found.level or not found.module:
            continue
        for folder in ancestors:
            if (
                sources.module_file(folder, found.module)
                or (
                    found.name
                    and sources.module_file(folder, f"{found.module}.{found.name}")
                )
                or _is_namespace(sources, folder, found.module)
            ):
                votes[folder] += 1
    best = max(votes.values())
    importer = None if best else _imported_from(sources, application, ancestors)
    if best:
        root = next(folder for folder in ancestors if votes[folder] == best)
    elif importer is not None:
        root = importer
    else:
        root = _outside_packages(sources, ancestors)
    application.placed = best > 0 or importer is not None
    application.import_root = root
    application.backend_dir = working_directory(sources, root, name)


def _imported_from(
    sources: Sources, application: Application, ancestors: list[str]
) -> str | None:
    """Return the folder from which another module imports the application."""
    for name in sources.mentioning(f"import {application.attr}"):
        for found in sources.module(name).imports:
            if (
                found.level
                or found.name != application.attr
                or name == application.file
            ):
                continue
            for folder in ancestors:
                target = sources.module_file(folder, found.module)
                if target == application.file and is_below(name, folder):
                    return folder
    return None


def _ancestors(name: str) -> list[str]:
    """Return the folders above a file, the nearest first."""
    parts = PurePosixPath(name).parts[:-1]
    folders = [str(PurePosixPath(*parts[:n])) for n in range(len(parts), 0, -1)]
    return [*folders, "."]


def _is_namespace(sources: Sources, folder: str, dotted: str) -> bool:
    path = str(PurePosixPath(folder, *dotted.split(".")))
    return path in sources.repository.folders


def _outside_packages(sources: Sources, ancestors: list[str]) -> str:
    for folder in ancestors:
        if str(PurePosixPath(folder, "__init__.py")) not in sources.repository.file_set:
            return folder
    return "."


def working_directory(sources: Sources, root: str, name: str) -> str:
    """Step out of a ``src`` folder that is only an entry of the path.

    And into a package that is the whole project: ``apps/api``, imported as ``api``,
    with its own list of packages.
    """
    path = PurePosixPath(root)
    package = str(PurePosixPath(*PurePosixPath(name).parts[: len(path.parts) + 1]))
    if package != name and not manifests_in(sources, root) and root != ".":
        own = str(PurePosixPath(package, "pyproject.toml"))
        if own in sources.repository.file_set:
            return package
    if path.name != "src" or f"{root}/alembic.ini" in sources.repository.file_set:
        return root
    above = str(path.parent)
    has_env_file = _has_env_file(sources, root) and not _has_env_file(sources, above)
    if manifests_in(sources, root) or has_env_file or _serves(sources, root, above):
        return root
    return above if manifests_in(sources, above) else root


def _has_env_file(sources: Sources, folder: str) -> bool:
    """Return True if settings that read ``.env`` are meant to find it there."""
    return any(
        _ENV_FILE.fullmatch(name.rpartition("/")[2])
        for name in sources.repository.in_folder(folder)
    )


def _serves(sources: Sources, root: str, above: str) -> bool:
    """Return True if the code serves files from a folder that only ``root`` has."""
    folders = sources.repository.folders
    return any(
        str(PurePosixPath(root, folder)) in folders
        and str(PurePosixPath(above, folder)) not in folders
        for name in sources.mentioning("StaticFiles(", "Jinja2Templates(", below=root)
        for folder in _SERVED.findall(sources.repository.text(name) or "")
    )


def manifests_in(sources: Sources, folder: str) -> list[str]:
    """Return what lists a project's dependencies directly in ``folder``."""
    names = (str(PurePosixPath(folder, name)) for name in _MANIFESTS)
    found = [name for name in names if name in sources.repository.file_set]
    split = str(PurePosixPath(folder, "requirements"))
    return [*found, split] if split in sources.repository.folders else found
