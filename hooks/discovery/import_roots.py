"""From which folder a module is imported, and from which its server is started."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .application import Application
    from .sources import Sources

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
    if best:
        root = next(folder for folder in ancestors if votes[folder] == best)
    else:
        root = _outside_packages(sources, ancestors)
    application.placed = best > 0
    application.import_root = root
    application.backend_dir = working_directory(sources, root, name)


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
    is_run_within = _has_env_file(sources, root) and not _has_env_file(sources, above)
    if manifests_in(sources, root) or is_run_within:
        return root
    return above if manifests_in(sources, above) else root


def _has_env_file(sources: Sources, folder: str) -> bool:
    """Return True if settings that read ``.env`` are meant to find it there."""
    beginning = "" if folder == "." else f"{folder}/"
    return any(
        name.startswith(f"{beginning}.env") and "/" not in name[len(beginning) :]
        for name in sources.repository.files
    )


def manifests_in(sources: Sources, folder: str) -> list[str]:
    """Return what lists a project's dependencies directly in ``folder``."""
    names = (str(PurePosixPath(folder, name)) for name in _MANIFESTS)
    found = [name for name in names if name in sources.repository.file_set]
    split = str(PurePosixPath(folder, "requirements"))
    return [*found, split] if split in sources.repository.folders else found
