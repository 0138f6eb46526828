"""Packages that the auth package imports, and that no list has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ...discovery.install_commands import included_lists
from ...discovery.manifest import dependency_names
from ...edits.add_python_dependencies import add_python_dependencies
from ...model import FileEdit, Finding, Fix, ManualStep, Plan
from ...rendering.python_packages import required
from .._check import FIX, Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._project import Project

# What the auth package may import next to what the answers say, by import name.
_DISTRIBUTIONS = {
    "asyncpg": "asyncpg",
    "fastapi": "fastapi",
    "jwt": "pyjwt",
    "pydantic_settings": "pydantic-settings",
}
# Other files that say what is installed: conda's, containers', lock files.
_INSTALLS = re.compile(
    r"(?:^|/)(?:environment[^/]{0,255}\.ya?ml|pixi\.toml|setup\.(?:py|cfg)|Pipfile"
    r"|[^/]{0,255}Dockerfile[^/]{0,255}|[^/]{0,255}\.lock|pyproject\.toml"
    r"|[^/]{0,255}requirements[^/]{0,255}\.(?:txt|in))$"
)
_WORD = re.compile(r"[A-Za-z][\w.-]*")

BROKEN = (
    Broken(
        title="the auth package's driver is not listed",
        path="{backend}/pyproject.toml",
        before='    "asyncpg==0.32.0",\n',
        fixed=True,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Compare what is imported with every list; the fix adds a line."""
    plans = tuple(add_python_dependencies(project.integration, project.staging))
    edits = [planned for planned in plans if isinstance(planned, FileEdit)]
    for edit in edits:
        names = ", ".join(required(project.answers))
        title = f"listed what the auth package imports in {edit.path}"
        yield Finding(
            message=f"the auth package needs {names}, and not all are listed",
            evidence=problem("the list of dependencies", edit.path).evidence,
            remedy=FIX,
            fix=Fix(title=title, plan=Plan(edits=(edit,))),
        )
    if edits:
        return
    wanted = _imported(project)
    if any(isinstance(planned, ManualStep) for planned in plans):
        wanted = [*required(project.answers), *wanted]
    # Whatever form a list has that cannot be edited, the names are in it.
    named = _mentioned(project) if wanted else frozenset()
    for requirement in wanted:
        name = canonicalize_name(Requirement(requirement).name)
        if name not in named:
            yield problem(
                f"the auth package imports {name}, and no list of packages has it",
                plans[0].path,
                remedy=f"list it where the backend's packages are: {requirement}",
            )


def _mentioned(project: Project) -> frozenset[str]:
    """Return every word of the files that could say what is installed."""
    found = set(dependency_names(project.staging.repository, project.backend))
    installed = included_lists(project.staging.repository, project.backend)
    for path in project.files:
        if path in installed or _INSTALLS.search(path):
            words = _WORD.findall(project.text(path) or "")
            found.update(canonicalize_name(word) for word in words)
    return frozenset(found)


def _imported(project: Project) -> list[str]:
    """Return what the auth package imports as it is now, beyond the answers."""
    wanted = {canonicalize_name(Requirement(r).name) for r in required(project.answers)}
    found = {
        _DISTRIBUTIONS[top]
        for module in project.modules.values()
        for one in module.imports
        if not one.level and (top := one.module.partition(".")[0]) in _DISTRIBUTIONS
    }
    return sorted(found - wanted)
