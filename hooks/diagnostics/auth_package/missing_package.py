"""An auth package that is not where the answers say."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ... import ANSWERS_FILE
from ...fastapi_code.auth_package import is_auth_package
from ...repository import git
from .._check import Broken, problem

if TYPE_CHECKING:
    from ...model import Finding
    from .._project import Project

BROKEN = (Broken(title="the package is gone", path="{package}/__init__.py"),)


def find(project: Project, start: str) -> Finding:
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
        at = project.line_of_answer("auth_package_dir")
        return problem(message, ANSWERS_FILE, at, remedy=remedy)
    message = f"there is no {start}, so {project.answers.package_module} is not there"
    folder = project.package
    return problem(
        message,
        start,
        remedy=git.restoring(project.root, start, of=folder) or f"restore {folder}",
    )
