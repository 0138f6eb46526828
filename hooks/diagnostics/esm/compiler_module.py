"""TypeScript that compiles to modules that Node does not run."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from ...syntax.python import line
from ...syntax.typescript import entry_of
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Json
    from .._project import Project

# With these TypeScript writes ES modules that Node itself can resolve.
_MODULES = {"nodenext", "node16", "node18", "node20"}
_RESOLUTIONS = {"nodenext", "node16"}

BROKEN = (
    Broken(
        title="TypeScript compiles to CommonJS",
        path="{server}/tsconfig.json",
        before='"module": "nodenext"',
        after='"module": "commonjs"',
        fixed=True,
    ),
    Broken(
        title="a resolution that Node does not have",
        path="{server}/tsconfig.json",
        before='"module": "nodenext",',
        after='"module": "nodenext",\n    "moduleResolution": "bundler",',
        fixed=True,
    ),
    Broken(
        title="its own build to CommonJS",
        path="{server}/tsconfig.build.json",
        before='"rootDir": "src",',
        after='"module": "commonjs", // for now\n    "rootDir": "src",',
        fixed=True,
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Read the settings of the development and of the build."""
    for name in ("tsconfig.json", "tsconfig.build.json"):
        yield from _compiler(project, f"{project.server}/{name}")


def _compiler(project: Project, path: str) -> Iterator[Finding]:
    settings, before = project.json(path), project.read(path)
    if settings is None or before is None:
        return
    if settings.root is None:
        message = f"{posixpath.basename(path)} is no JSON"
        yield problem(message, path, remedy=f"restore it: git checkout {path}")
        return
    for name, allowed in (("module", _MODULES), ("moduleResolution", _RESOLUTIONS)):
        given = settings.value("compilerOptions", name)
        if not isinstance(given, str) or given.lower() in allowed:
            continue
        node = _option(settings, name)
        yield repairable(
            f'"{name}": "{given}" does not give modules that Node runs',
            path,
            line(node),
            title=f'set "{name}": "nodenext" in {posixpath.basename(path)}',
            before=before,
            after=settings.with_value(node, '"nodenext"'),
        )


def _option(settings: Json, name: str) -> Node:
    entry = entry_of(settings.root, "compilerOptions")
    options = entry and entry.child_by_field_name("value")
    found = entry_of(options, name)
    value = found and found.child_by_field_name("value")
    if value is None:
        raise LookupError(name)
    return value
