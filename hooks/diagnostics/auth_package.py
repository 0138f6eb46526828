"""BA019: the auth package must be where it is imported from, and be whole."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..answers.paths import to_root
from ..fastapi_code.auth_package import is_auth_package
from ..fastapi_code.backend import Backend, may_bind
from ..syntax.python import line
from ._check import Broken, Check, problem
from .application import line_of_answer, restored, unreadable_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding
    from ..syntax.python import Import
    from ._project import Project

_ABOVE = re.compile(r"[\"']((?:\.\./){1,20})[^\"'\n]{0,200}\.env[\"']")
_MANIFESTS = ("pyproject.toml", "requirements.txt", "setup.py", "Pipfile")


class AuthPackage(Check):
    """FastAPI imports the auth package, and the package the project's own database.

    A folder that was moved or renamed, a module of it that is gone, an import by the
    old name, an engine that is called otherwise now: each ends the start of FastAPI
    with an ``ImportError``. The package finds the auth server's ``.env`` by its own
    place too. Where it was moved, tell the answers: ``copier update -d
    auth_package_dir=...``.
    """

    code = "BA019"
    name = "auth-package"
    healthy = "the auth package is whole, and is imported by its own name"
    proof = (
        "imports of the package, and of the modules that import it, resolved to files"
    )
    example = "auth_package_dir: backend/app/auth    # from app.auth import CurrentUser"
    broken = (
        Broken(title="the package is gone", path="{package}/__init__.py"),
        Broken(title="a module of it is gone", path="{package}/errors.py"),
        Broken(
            title="a name of it is gone",
            path="{package}/errors.py",
            before="class NotAuthenticated(",
            after="class Refused(",
        ),
        Broken(
            title="it is not read as Python",
            path="{package}/router.py",
            before='prefix="/auth"',
            after='prefix="/auth',
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
        Broken(
            title="it looks for .env in another folder",
            path="{package}/config.py",
            before='"../../../',
            after='"../../',
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for the folder, then resolve each import to a file and a name."""
        start = f"{project.package}/__init__.py"
        if project.read(start) is None:
            yield _gone(project, start)
            return
        backend = Backend(project)
        for path, module in project.modules.items():
            if at := unreadable_line(module):
                yield problem(
                    f"{path} is not read as Python, so FastAPI does not start",
                    path,
                    at,
                    remedy=restored(project, path) or f"correct {path}, line {at}",
                )
        for path in _importing(project, backend):
            yield from _unresolved(project, backend, path)
        yield from _misplaced(project)


def _gone(project: Project, start: str) -> Finding:
    """Say where the package is now, if it is anywhere."""
    elsewhere = [
        folder
        for path in project.below(".", "/config.py")
        if (folder := path.rpartition("/")[0]) != project.package
        and is_auth_package(project.staging.repository, folder)
    ]
    if elsewhere:
        message = f"the auth package is in {elsewhere[0]}, and the answers name another"
        given = shlex.quote(f"auth_package_dir={elsewhere[0]}")
        remedy = f"{project.update} -d {given}"
        at = line_of_answer(project, "auth_package_dir")
        return problem(message, ANSWERS_FILE, at, remedy=remedy)
    message = f"there is no {start}, so {project.answers.package_module} is not there"
    folder = project.package
    return problem(
        message,
        start,
        remedy=restored(project, start, of=folder) or f"restore {folder}",
    )


def _importing(project: Project, backend: Backend) -> Iterator[str]:
    """Yield the files of the package, and those that name it."""
    yield from project.modules
    name = PurePosixPath(project.package).name
    for path in backend.files_with([name]):
        if path not in project.modules and not _is_anothers(project, backend, path):
            yield path


def _is_anothers(project: Project, backend: Backend, path: str) -> bool:
    """Return True below a folder with packages of its own: another service's file."""
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
                line(found.node),
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
                line(found.node),
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
        return restored(project, folder, of=folder) or f"restore {folder} from git"
    return f"import it from {project.answers.package_module}"


def _misplaced(project: Project) -> Iterator[Finding]:
    """Find a package that looks for the auth server from a place it is not in."""
    path = f"{project.package}/config.py"
    source = project.text(path) or ""
    found, wanted = _ABOVE.search(source), to_root(project.package)
    if found is not None and found[1] != wanted:
        yield problem(
            f"{path} looks for {project.env_path} in another folder than it is in",
            path,
            source.count("\n", 0, found.start()) + 1,
            remedy=f"write {wanted}{project.env_path}",
        )
