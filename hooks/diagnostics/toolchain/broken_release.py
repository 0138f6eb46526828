"""A release of better-auth that does not work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...catalogue.pinned import pinned_version
from ...rendering.commands import within
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# They have a column issuer that nothing fills, so that every insert fails.
_BROKEN_RELEASES = re.compile(r"^[\^~]?1\.7\.[0-2]$")

BROKEN = (
    Broken(
        title="a release that cannot store accounts",
        path="{server}/package.json",
        before=f'"better-auth": "{pinned_version("better-auth")}"',
        after='"better-auth": "1.7.1"',
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Compare the release that is listed."""
    path = f"{project.server}/package.json"
    manifest = project.json(path)
    wanted = {} if manifest is None else manifest.strings("dependencies")
    if _BROKEN_RELEASES.match(wanted.get("better-auth", "")):
        yield problem(
            "better-auth 1.7.0 to 1.7.2 cannot store accounts",
            path,
            remedy=within(
                project.server,
                f"npm install better-auth@{pinned_version('better-auth')} --save-exact",
            ),
        )
