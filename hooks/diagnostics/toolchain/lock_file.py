"""A lock file that is missing, of another tool, or that says something else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...catalogue.package_managers import NODE_MANAGERS, node_manager
from ...model import Finding, Status
from ...rendering.commands import within
from .._check import Broken, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._project import Project

_LOCKS = {row.name: row.lock for row in NODE_MANAGERS}

BROKEN = (
    Broken(
        title="a version that the lock file does not have",
        path="{server}/package.json",
        before='"better-auth": "',
        after='"better-auth": "^',
    ),
    Broken(
        title="no lock file",
        path="{server}/package-lock.json",
    ),
    Broken(
        title="two lock files",
        path="{server}/yarn.lock",
        after="# yarn lockfile v1\n",
        severity=Status.WARN,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Find releases that do not work, and a lock file that says something else."""
    manager = project.answers.auth_node_package_manager
    path = f"{project.server}/package.json"
    manifest = project.json(path)
    if manifest is None or manifest.root is None:
        return  # BA001 says so
    wanted = manifest.strings("dependencies")
    locks = {m: n for m, n in _LOCKS.items() if project.read(f"{project.server}/{n}")}
    if manager == "npm" and manager not in locks:
        yield problem(
            f"there is no {_LOCKS[manager]}, so every install may differ",
            f"{project.server}/{_LOCKS[manager]}",
            remedy=within(project.server, node_manager(manager).install_anew),
        )
    for other in set(locks) - {manager}:
        yield warning(
            f"{locks[other]} is {other}'s, and this project uses {manager}",
            f"{project.server}/{locks[other]}",
            remedy="delete the one that is not used",
        )
    if "npm" in locks and manager == "npm":
        yield from _npm_lock(project, path, manifest.strings("devDependencies"), wanted)


def _npm_lock(
    project: Project, path: str, dev: Mapping[str, str], wanted: Mapping[str, str]
) -> Iterator[Finding]:
    lock_path = f"{project.server}/{_LOCKS['npm']}"
    try:
        root = json.loads(project.text(lock_path) or "")["packages"][""]
        locked = {**root.get("dependencies", {}), **root.get("devDependencies", {})}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        remedy = f"git checkout {lock_path}"
        yield problem("package-lock.json is no lock file", lock_path, remedy=remedy)
        return
    listed = {**wanted, **dev}
    different = sorted(n for n in {*locked, *listed} if locked.get(n) != listed.get(n))
    if different:
        yield problem(
            f"package.json and its lock differ in {', '.join(different)}",
            path,
            remedy=within(project.server, "npm install"),
        )
