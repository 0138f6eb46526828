"""Say how requests reach the auth router past middleware with its own sign-in.

Middleware that wants the token of another server answers 401 before any route is
asked, ``GET /auth/me`` included. Which requests it lets pass is not for a template to
decide, so that nothing is edited: the step is the list with one more path.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from ..fastapi_code.middleware import guards, parameters
from ..fastapi_code.router_place import Code
from ..fastapi_code.taken_route import ROUTE
from ..model import ManualStep, Skip
from ..syntax.python import name_of, string_value, text
from ..syntax.python_edits import added_elements, spliced
from .by_hand import as_step, indentation, next_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..fastapi_code.middleware import Guard
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "pass-middleware"


def pass_middleware(
    integration: Integration, staging: Staging
) -> Iterator[ManualStep | Skip]:
    """Yield a step for each middleware that would refuse the auth package's route."""
    answers = integration.answers
    root, route = answers.auth_import_root, f"{answers.auth_api_prefix}{ROUTE}"
    code = Code(repository=staging.repository, import_root=root, read=staging.read)
    below = "" if root == "." else f"{root}/"
    own = f"{answers.auth_package_dir}/"
    found = [guard for guard in guards(code, below) if not guard.path.startswith(own)]
    steps = [step for guard in found if (step := _step(guard, route)) is not None]
    yield from steps
    if not steps:
        why = "no middleware is in the way of the auth router"
        yield Skip(operation=_OPERATION, path=".", why=why)


def _step(guard: Guard, route: str) -> ManualStep | None:
    why = f"{guard.name} ({guard.path}) refuses requests without its own sign-in"
    public = guard.public
    if public is None:
        return _first_of_all(guard, route, why)
    if public.covers(route):
        return None
    entry = f"^{re.escape(route)}$" if public.how == "pattern" else route
    source = public.module.source
    after = spliced(source, added_elements(source, public.node, [entry]))
    if after is None:
        return None
    return as_step(_OPERATION, public.path, why, before=source, after=after)


def _first_of_all(guard: Guard, route: str, why: str) -> ManualStep | None:
    """Let the one route through above everything else that the middleware does."""
    given, source = parameters(guard), guard.module.source
    if guard.function is None:
        return None
    lines = _passing(guard.function, given, route)
    body = guard.function.child_by_field_name("body")
    if body is None or not lines or f'"{route}"' in text(body):
        return None
    statements = [n for n in body.named_children if n.type != "comment"]
    first = statements[0]
    inner = first.named_children[0] if first.named_children else first
    if string_value(inner) is not None and len(statements) > 1:
        first = statements[1]  # below the docstring
    return ManualStep(
        operation=_OPERATION,
        path=guard.path,
        why=why,
        snippet=textwrap.indent(lines, indentation(source, first)),
        place=next_to(source, first, above=True),
    )


def _passing(function: Node, given: list[str], route: str) -> str:
    match name_of(function), given:
        case "authenticate", [connection, *_]:
            return f'if {connection}.url.path == "{route}":\n    return None'
        case "__call__", [scope, receive, send]:
            inner = re.search(rf"self\.(\w+)\(\s*{scope}\b", text(function))
            called = (
                f"await self.{inner[1]}({scope}, {receive}, {send})" if inner else ""
            )
            condition = f'if {scope}.get("path") == "{route}":'
            return f"{condition}\n    {called}\n    return" if called else ""
        case _, [request, call_next]:
            condition = f'if {request}.url.path == "{route}":'
            return f"{condition}\n    return await {call_next}({request})"
        case _:
            return ""
