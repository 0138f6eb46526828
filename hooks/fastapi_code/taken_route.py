"""Whether the project answers ``GET /auth/me`` already, where one more router would go.

FastAPI asks the first route that fits. Where sign-in of the project's own has one, the
auth package's is never reached, so its router goes under its own prefix::

    app.include_router(users.router)  # @router.get("/auth/me")
    app.include_router(auth_router, prefix="/better-auth")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fastapi_code.auth_package import is_auth_package
from ..model import Evidence
from ..syntax.python import arguments, assignments_of, callee, line, string_value, text
from .router_place import inclusions, own_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.python import Module
    from .router_place import Code, RouterPlace

ROUTE = "/auth/me"
PREFIX = "/better-auth"


def taken_route(code: Code, place: RouterPlace) -> Evidence | None:
    """Return the route of the project that stands where the auth package's would."""
    shared = text(place.shared_prefix)
    routers = [(place.path, place.module, place.owner, "")]
    for statement in place.includes:
        for call in inclusions(statement):
            given = own_prefix(statement, call)
            before = "" if text(given) == shared else string_value(given)
            router = _included(code, place, call)
            if router is not None and before is not None:
                routers.append((*router, before))
    for path, module, name, before in routers:
        if is_auth_package(code.repository, path.rpartition("/")[0]):
            continue
        for route, written in _routes(module, name):
            if f"{before}{written}".rstrip("/") == ROUTE:
                why = f"answers GET {ROUTE}"
                return Evidence(path=path, line=line(route), why=why)
    return None


def _included(
    code: Code, place: RouterPlace, call: Node
) -> tuple[str, Module, str] | None:
    """Return the file, and the name there, of ``router``, or of ``users.router``."""
    positional, keywords = arguments(call)
    given = text(positional[0] if positional else keywords.get("router"))
    first, dot, attribute = given.partition(".")
    found = code.imported(place.path, place.module, first)
    if found is None:
        return None if dot else (place.path, place.module, first)
    return (*found[:2], attribute) if dot else found


def _routes(module: Module, router: str) -> Iterator[tuple[Node, str]]:
    """Yield each GET route of a router, with what its path is below that."""
    own = ""
    for statement in module.top_level:
        for assigned in assignments_of(statement):
            if assigned.target == router and assigned.value.type == "call":
                own = string_value(arguments(assigned.value)[1].get("prefix")) or ""
    for decorator in module.nodes("decorator"):
        for call in decorator.named_children:
            if call.type == "call" and callee(call) == f"{router}.get":
                positional, keywords = arguments(call)
                path = positional[0] if positional else keywords.get("path")
                yield decorator, f"{own}{string_value(path) or ''}"
