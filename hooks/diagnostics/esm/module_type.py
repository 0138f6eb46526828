"""The manifest that does not say that the auth server is an ES module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.typescript import entry_of
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title='no "type": "module"',
        path="{server}/package.json",
        before='"type": "module",',
        fixed=True,
    ),
    Broken(
        title='"type": "commonjs"',
        path="{server}/package.json",
        before='"type": "module"',
        after='"type": "commonjs"',
        fixed=True,
    ),
    Broken(
        title="package.json with a conflict's marks",
        path="{server}/package.json",
        before='"private": true,',
        after='<<<<<<< HEAD\n  "private": true,',
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Read the type in ``package.json``."""
    path = f"{project.server}/package.json"
    manifest = project.json(path)
    before = project.read(path)
    if manifest is None or before is None or manifest.root is None:
        message = "package.json is missing or no JSON"
        yield problem(message, path, remedy=f"restore it: git checkout {path}")
        return
    if manifest.value("type") == "module":
        return
    entry = entry_of(manifest.root, "type")
    value = None if entry is None else entry.child_by_field_name("value")
    yield repairable(
        '"type": "module" is missing from package.json',
        path,
        0,
        title='added "type": "module"',
        before=before,
        after=manifest.with_entry(manifest.root, '"type": "module"')
        if value is None
        else manifest.with_value(value, '"module"'),
    )
