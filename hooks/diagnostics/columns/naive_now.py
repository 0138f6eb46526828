"""A now without a time zone in the auth package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import arguments, callee, line
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="a naive now in the auth package",
        path="{package}/extra.py",
        after=(
            "from datetime import datetime\n\n\n"
            "def is_over(session):\n"
            "    return session.expires_at < datetime.utcnow()\n"
        ),
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at every call in the package."""
    for path, module in project.modules.items():
        for call in module.nodes("call"):
            name = callee(call)
            given = arguments(call)
            bare = name.endswith("datetime.now") and not any(given)
            if bare or name.endswith(("datetime.utcnow", "datetime.utcfromtimestamp")):
                yield problem(
                    f"{name}() has no time zone",
                    path,
                    line(call),
                    remedy="datetime.now(timezone.utc)",
                )
