"""The routes of the auth server as its files show them: better-auth's, and its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .python import text
from .typescript import arguments, callee, string_value, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

    from .typescript import Script

_BASE_PATH = "/api/auth"
ROUTES = {"all", "delete", "get", "head", "options", "patch", "post", "put", "use"}
# Those that a probe asks with; whatever answers all of them answers a GET.
_ASKED = {"delete": "DELETE", "patch": "PATCH", "post": "POST", "put": "PUT"} | (
    dict.fromkeys(("all", "get", "use"), "GET")
)
_ERROR_PARAMETERS = 4


@dataclass(frozen=True, kw_only=True)
class Mount:
    """The statement that hands a path to better-auth, and its neighbours."""

    statement: Node
    siblings: list[Node]
    receiver: str
    path: str


def base_path(options: Node | None) -> str:
    """Return the path that better-auth answers below, given the object of options."""
    return string_value(value_at(options, "basePath")) or _BASE_PATH


def mount_in(script: Script) -> Mount | None:
    """Return where a file hands requests over to better-auth."""
    for handler in script.calls("toNodeHandler"):
        for node in (handler, *_uses(script, handler)):
            call = _route_around(node)
            statement = None if call is None else call.parent
            block = None if statement is None else statement.parent
            if call is not None and statement is not None and block is not None:
                return Mount(
                    statement=statement,
                    siblings=block.children,
                    receiver=callee(call).rpartition(".")[0],
                    path=string_value(arguments(call)[0]) or "",
                )
    return None


def _uses(script: Script, handler: Node) -> Iterator[Node]:
    """Yield where ``const name = toNodeHandler(...)`` is used by its name."""
    declared = handler.parent
    if declared is None or declared.type != "variable_declarator":
        return
    name = text(declared.child_by_field_name("name"))
    for node in script.nodes("identifier"):
        if text(node) == name:
            yield node


def _route_around(node: Node) -> Node | None:
    """Return the call that adds a route with ``node`` somewhere in its handler."""
    call = node.parent
    while call is not None:
        if call.type == "call_expression":
            method = callee(call).rpartition(".")[2]
            given = next(iter(arguments(call)), None)
            if method in ROUTES and string_value(given) is not None:
                return call
        call = call.parent
    return None


def own_routes(
    scripts: Iterable[Script], options: Node | None
) -> tuple[tuple[str, str], ...]:
    """Return the project's own routes below better-auth's path: method and path.

    Only those whose path is sure: a wildcard or an optional part may mean any.
    """
    base, found = base_path(options), dict[tuple[str, str], None]()
    for script in scripts:
        mount = mount_in(script)
        for statement in mount.siblings if mount else ():
            route = own_route(statement, mount, base) if mount else None
            call = statement.named_children[0] if statement.named_children else None
            method = callee(call).rpartition(".")[2] if call is not None else ""
            if route is None or method not in _ASKED or re.search(r"[*{(?]", route):
                continue
            if route.startswith(f"{base}/"):
                found[_ASKED[method], re.sub(r":\w+", "x", route)] = None
    return tuple(found)


def own_route(statement: Node, mount: Mount, base: str) -> str | None:
    """Return the path of a route below ``base`` that a statement adds."""
    call = statement.named_children[0] if statement.named_children else None
    while call is not None and call.type == "call_expression":
        receiver, _, method = callee(call).rpartition(".")
        given = arguments(call)
        route = string_value(given[0]) if given else None
        if route is not None and receiver == mount.receiver:
            inside = route == base or route.startswith(f"{base}/")
            handles_errors = any(_parameters(n) == _ERROR_PARAMETERS for n in given)
            is_route = method in {*ROUTES, "route"}
            return route if is_route and inside and not handles_errors else None
        # app.route("/x").get(...): the path is at the beginning of the chain.
        member = call.child_by_field_name("function")
        call = None if member is None else member.child_by_field_name("object")
    return None


def _parameters(node: Node) -> int:
    listed = node.child_by_field_name("parameters")
    return 0 if listed is None else len(listed.named_children)
