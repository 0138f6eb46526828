"""Whether the project answers ``GET /auth/me`` already, where one more router would go.

FastAPI asks the first route that fits. Where sign-in of the project's own has one, the
auth package's is never reached, so its router goes under its own prefix::

    app.include_router(users.router)  # @router.get("/auth/me")
    app.include_router(auth_router, prefix="/better-auth")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Evidence
from ..syntax.python import arguments, callee, line, text
from .auth_package import is_auth_package
from .named_strings import named_string
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
            known = named_string(code, place.path, place.module, given)
            before = "" if text(given) == shared else known
            router = _included(code, place, call)
            if router is not None and before is not None:
                routers.append((*router, before))
    for path, module, name, before in routers:
        if is_auth_package(code.repository, path.rpartition("/")[0]):
            continue
        for route, written in _routes(code, path, module, name):
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


def _routes(
    code: Code, path: str, module: Module, router: str
) -> Iterator[tuple[Node, str]]:
    """Yield each GET route of a router, with what its path is below that."""
    own: str | None = ""
    for assigned in module.assignments():
        if assigned.target == router and assigned.value.type == "call":
            given = arguments(assigned.value)[1].get("prefix")
            own = named_string(code, path, module, given) if given else ""
    for decorator in module.nodes("decorator") if own is not None else ():
        for call in decorator.named_children:
            if call.type == "call" and callee(call) == f"{router}.get":
                positional, keywords = arguments(call)
                below = positional[0] if positional else keywords.get("path")
                written = named_string(code, path, module, below)
                if written is not None:
                    yield decorator, f"{own}{written}"
