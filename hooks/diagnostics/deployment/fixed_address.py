"""A port or a host on which no platform reaches the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line, text
from ...syntax.typescript import arguments, callee, literal, string_value
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="a fixed port",
        path="{server}/src/server.ts",
        before="app.listen(env.PORT,",
        after="app.listen(3001,",
        project="railway",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at what each server listens on."""
    for name, found in project.scripts.items():
        for call in found.calls("listen"):
            given = arguments(call)
            receiver = callee(call).rpartition(".")[0]
            if not receiver or not given:
                continue
            if isinstance(literal(given[0]), float):
                yield problem(
                    f"the port {text(given[0])} is fixed, and platforms choose it",
                    name,
                    line(call),
                    remedy=f"{receiver}.listen(env.PORT, ...)",
                )
            host = string_value(given[1]) if len(given) > 1 else None
            if host in {"127.0.0.1", "localhost"}:
                yield problem(
                    f"the server listens on {host}, which is not reached from outside",
                    name,
                    line(call),
                    remedy='listen on "0.0.0.0" in production',
                )
