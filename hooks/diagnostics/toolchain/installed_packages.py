"""A package that is installed in another version than the one listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...catalogue.package_managers import node_manager
from ...probe import no_packages
from ...rendering.commands import within
from .._check import problem, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


def probe(project: Project) -> Iterator[Finding]:
    """Find a package that is installed in another version than the one listed."""
    folder = project.root / project.server / "node_modules"
    if not folder.is_dir():
        yield unasked(project, no_packages(project.server))
        return
    manifest = project.json(f"{project.server}/package.json")
    wanted = manifest.strings("dependencies") if manifest is not None else {}
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
