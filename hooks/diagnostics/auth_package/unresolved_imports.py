"""Imports of the auth package, or from it, that lead nowhere."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...fastapi_code.backend import Backend, may_bind
from ...repository import git
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from ...syntax.python_imports import Import
    from .._project import Project

_MANIFESTS = ("pyproject.toml", "requirements.txt", "setup.py", "Pipfile")

BROKEN = (
    Broken(title="a module of it is gone", path="{package}/errors.py"),
    Broken(
        title="a name of it is gone",
        path="{package}/errors.py",
        before="class NotAuthenticated(",
        after="class Refused(",
    ),
    Broken(
        title="an import by another name",
        path="{backend}/app/main.py",
        before="from app.auth import router",
        after="from app.security.auth import router",
    ),
    Broken(
        title="an import of what it does not have",
        path="{backend}/app/orders.py",
        after="from app.auth import CurrentPerson\n",
    ),
    Broken(
        title="the engine has another name",
        path="{backend}/app/db.py",
        before="engine = ",
        after="main_engine = ",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Resolve each import to a file and a name."""
    backend = project.code
    for path in _importing(project, backend):
        yield from _unresolved(project, backend, path)


def _importing(project: Project, backend: Backend) -> Iterator[str]:
    """Yield the files of the package, and those that name it."""
    yield from project.modules
    name = PurePosixPath(project.package).name
    for path in backend.files_with([name]):
        if path not in project.modules and not _is_anothers(project, backend, path):
            yield path


def _is_anothers(project: Project, backend: Backend, path: str) -> bool:
    """Return True below a folder with its own packages: another service's file."""
    for folder in PurePosixPath(path).parents:
        if str(folder) == backend.root:
            return False
        if any(project.read(str(folder / name)) is not None for name in _MANIFESTS):
            application = PurePosixPath(backend.app_path or "")
            return not application.is_relative_to(folder)
    return False


def _unresolved(project: Project, backend: Backend, path: str) -> Iterator[Finding]:
    module = project.module(path)
    is_ours = path in project.modules
    for found in module.imports if module is not None else ():
        if not is_ours and not _names_package(project, backend, path, found):
            continue
        if is_ours and not found.level and not _is_first_party(project, found):
            continue
        origin = backend.resolved(path, found)
        written = "." * found.level + found.module
        if origin is None and not _is_folder(project, backend, path, found):
            yield problem(
                f"{path} imports {written}, which is not there",
                path,
                found.line,
                remedy=_remedy(project, is_ours=is_ours),
            )
            continue
        of = backend.module(origin) if origin is not None else None
        is_module = origin is not None and _is_module(backend, path, found, origin)
        if of is None or is_module or found.name in {"", "*"}:
            continue
        if not may_bind(of, found.name):
            yield problem(
                f"{path} imports {found.name} from {written}, which has no such name",
                path,
                found.line,
                remedy=f"correct the name: it would be in {origin}",
            )


def _names_package(
    project: Project, backend: Backend, path: str, found: Import
) -> bool:
    """Return True for an import of the package, by its name or by one like it."""
    named = backend.absolute(path, found).split(".")
    ours = project.answers.package_module.split(".")
    if named[: len(ours)] == ours:
        return True
    # app.security.auth, where it is app.auth: nothing else is there by that name.
    is_near = named[0] == ours[0] and len(ours) > 1 and ours[-1] in named[1:]
    return is_near and backend.resolved(path, found) is None


def _is_first_party(project: Project, found: Import) -> bool:
    top = PurePosixPath(
        project.answers.auth_import_root, found.module.partition(".")[0]
    )
    repository = project.staging.repository
    return str(top) in repository.folders or f"{top}.py" in repository.file_set


def _is_folder(project: Project, backend: Backend, path: str, found: Import) -> bool:
    """Return True for a package without ``__init__.py``."""
    named = PurePosixPath(backend.root, *backend.absolute(path, found).split("."))
    folders = (named, named.parent) if found.name else (named,)
    return any((project.root / folder).is_dir() for folder in folders)


def _is_module(backend: Backend, path: str, found: Import, origin: str) -> bool:
    """Return True where what is imported is the file itself."""
    named = PurePosixPath(backend.root, *backend.absolute(path, found).split("."))
    return origin in {f"{named}.py", f"{named}/__init__.py"}


def _remedy(project: Project, *, is_ours: bool) -> str:
    if is_ours:
        folder = project.package
        return (
            git.restoring(project.root, folder, of=folder)
            or f"restore {folder} from git"
        )
    return f"import it from {project.answers.package_module}"
