"""BA019: the auth package must be where it is imported from, and be whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import misplaced_env_file, missing_package, unreadable_module, unresolved_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


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
        *missing_package.BROKEN,
        *unresolved_imports.BROKEN,
        *unreadable_module.BROKEN,
        *misplaced_env_file.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for the folder, then resolve each import to a file and a name."""
        start = f"{project.package}/__init__.py"
        if project.read(start) is None:
            yield missing_package.find(project, start)
            return
        yield from unreadable_module.find(project)
        yield from unresolved_imports.find(project)
        yield from misplaced_env_file.find(project)
