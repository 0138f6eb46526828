"""Pages that the auth server itself lets in, or keeps out, with their cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line, text
from ...syntax.typescript import arguments, callee, entry_of, is_open, literal, value_at
from .._check import Broken, problem, repairable
from .own_list import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Script
    from .._project import Project

BROKEN = (
    Broken(
        title="every page on the web may send credentials",
        path="{server}/src/app.ts",
        before="    origin: env.CORS_ORIGINS,\n",
        after='    origin: "*",\n',
        fixed=True,
    ),
    Broken(
        title="cookies are not let through",
        path="{server}/src/app.ts",
        before="    credentials: true,\n",
        after="",
        fixed=True,
    ),
    Broken(
        title="CORS after the catch-all",
        path="{server}/src/app.ts",
        before="app.use(\n  cors({\n",
        after="app.use(\n  late({\n",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at every ``cors()`` of the auth server."""
    for path, script in project.scripts.items():
        yield from _express(path, script)


def _express(path: str, script: Script) -> Iterator[Finding]:
    for mount in script.calls("toNodeHandler"):
        used = [c for c in script.calls("cors") if callee(c) == "cors"]
        if not used:
            yield problem(
                "there is no cors() before better-auth, so browsers refuse its answers",
                path,
                line(mount),
                remedy=f"app.use(cors({{ origin: {SOURCE}, credentials: true }}));",
            )
        elif all(call.start_byte > mount.start_byte for call in used):
            yield problem(
                "cors() comes after better-auth's catch-all, which answers first",
                path,
                line(used[0]),
                remedy=f"move it above line {line(mount)}",
            )
    for call in script.calls("cors"):
        if callee(call) == "cors":
            yield from _cors(path, script, call)


def _cors(path: str, script: Script, call: Node) -> Iterator[Finding]:
    given = next(iter(arguments(call)), None)
    origin = value_at(given, "origin")
    fixed = f"{{ origin: {SOURCE}, credentials: true }}"
    if given is None or (not is_open(given) and entry_of(given, "origin") is None):
        message = "cors() without origins lets every page in, and none with cookies"
        after = fixed if given is None else None
    elif origin is not None and origin.type in {"string", "true", "array", "regex"}:
        message, after = "cors() has its own list", fixed
    elif not is_open(given) and literal(value_at(given, "credentials")) is not True:
        message = "cors() does not let cookies through"
        after = _with_credentials(script, given)
    else:
        return
    if after is None:
        yield problem(message, path, line(call), remedy=f"cors({fixed})")
        return
    target = given if given is not None else call.child_by_field_name("arguments")
    if target is None:
        return
    yield repairable(
        message,
        path,
        line(call),
        title="gave cors() the origins of CORS_ORIGINS, with credentials",
        before=script.source,
        after=script.replaced(target, f"({after})" if given is None else after),
    )


def _with_credentials(script: Script, given: Node) -> str | None:
    """Return the options of ``cors()`` with credentials let through."""
    if entry_of(given, "credentials") is None:
        inside = text(given)[1:-1].strip().rstrip(",")
        return f"{{ {inside}, credentials: true }}"
    value = value_at(given, "credentials")
    if value is None or value.type != "false":
        return None
    start, end = value.start_byte - given.start_byte, value.end_byte - given.start_byte
    written = script.source[given.start_byte : given.end_byte]
    return (written[:start] + b"true" + written[end:]).decode()
