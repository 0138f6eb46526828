"""The auth server's packages: what is listed, what is locked, what is installed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..catalogue.package_managers import NODE_MANAGERS, node_manager
from ..catalogue.pinned import pinned_version
from ..rendering.commands import within
from ._check import problem, warning
from ._probe import no_packages, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model import Finding
    from ._project import Project

_LOCKS = {row.name: row.lock for row in NODE_MANAGERS}
# They have a column issuer that nothing fills, so that every insert fails.
_BROKEN_RELEASES = re.compile(r"^[\^~]?1\.7\.[0-2]$")


def node_packages(project: Project) -> Iterator[Finding]:
    """Find releases that do not work, and a lock file that says something else."""
    manager = project.answers.auth_node_package_manager
    path = f"{project.server}/package.json"
    manifest = project.json(path)
    if manifest is None or manifest.root is None:
        return  # BA001 says so
    wanted = {**_strings(manifest.value("dependencies"))}
    if _BROKEN_RELEASES.match(wanted.get("better-auth", "")):
        yield problem(
            "better-auth 1.7.0 to 1.7.2 cannot store accounts",
            path,
            remedy=within(
                project.server,
                f"npm install better-auth@{pinned_version('better-auth')} --save-exact",
            ),
        )
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
        yield from _npm_lock(project, path, manifest.value("devDependencies"), wanted)


def _npm_lock(
    project: Project, path: str, dev: object, wanted: Mapping[str, str]
) -> Iterator[Finding]:
    lock_path = f"{project.server}/{_LOCKS['npm']}"
    try:
        root = json.loads(project.text(lock_path) or "")["packages"][""]
        locked = {**root.get("dependencies", {}), **root.get("devDependencies", {})}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        remedy = f"git checkout {lock_path}"
        yield problem("package-lock.json is no lock file", lock_path, remedy=remedy)
        return
    listed = {**wanted, **_strings(dev)}
    different = sorted(n for n in {*locked, *listed} if locked.get(n) != listed.get(n))
    if different:
        yield problem(
            f"package.json and its lock differ in {', '.join(different)}",
            path,
            remedy=within(project.server, "npm install"),
        )


def _strings(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(k): v for k, v in value.items() if isinstance(v, str)}


def installed(project: Project) -> Iterator[Finding]:
    """Find a package that is installed in another version than the one listed."""
    folder = project.root / project.server / "node_modules"
    if not folder.is_dir():
        yield unasked(project, no_packages(project))
        return
    manifest = project.json(f"{project.server}/package.json")
    wanted = _strings(manifest.value("dependencies")) if manifest is not None else {}
    for name, version in wanted.items():
        try:
            text_ = (folder / name / "package.json").read_text(encoding="utf-8")
            found = json.loads(text_).get("version")
        except (OSError, ValueError, AttributeError, RecursionError):
            found = "missing"
        if version[:1].isdigit() and found != version:
            yield problem(
                f"{name} is {found} in node_modules, and {version} in package.json",
                f"{project.server}/package.json",
                remedy=within(
                    project.server,
                    node_manager(
                        project.answers.auth_node_package_manager
                    ).install_anew,
                ),
            )
            return
