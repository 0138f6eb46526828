"""Whether a route that comes earlier answers instead of the auth package's own.

FastAPI asks its routes in their order: the first that fits answers, be it a catch-all
of a front end, a mount, or another ``/auth/{name}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..syntax.python import arguments, callee, calls, line, string_value, text
from .inclusion import Obstacle
from .named_strings import named_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.python import Module
    from .backend import Backend
    from .inclusion import Inclusion

_GET = {"get", "route", "api_route"}


def shadow_over(backend: Backend, inclusion: Inclusion, url: str) -> Obstacle | None:
    """Return the earlier route of the same object that answers ``url``."""
    for statement in _before(inclusion):
        for node, shows in _answering(backend, inclusion, statement, url):
            message = f"{shows} comes before it and answers GET {url} first"
            return Obstacle(message=message, path=inclusion.path, line=line(node))
    return None


def prefix_of(
    backend: Backend, path: str, module: Module, node: Node | None
) -> str | None:
    """Return a prefix: the empty one where none is given, ``None`` where not known."""
    return "" if node is None else named_string(backend.code, path, module, node)


def own_prefix_of(
    backend: Backend, path: str, module: Module, router: str
) -> str | None:
    """Return the prefix that a router of the file ``path`` is made with."""
    for assigned in module.assignments():
        if assigned.target == router and assigned.value.type == "call":
            given = arguments(assigned.value)[1].get("prefix")
            return prefix_of(backend, path, module, given)
    return ""


def _before(inclusion: Inclusion) -> Iterator[Node]:
    """Yield the statements of the same block that come before an inclusion."""
    statement = inclusion.call
    block = statement.parent
    while block is not None and block.type not in {"module", "block"}:
        statement, block = block, block.parent
    for sibling in block.named_children if block is not None else ():
        if sibling.start_byte < statement.start_byte:
            yield sibling


def _answering(
    backend: Backend, inclusion: Inclusion, statement: Node, url: str
) -> Iterator[tuple[Node, str]]:
    """Yield what a statement adds that answers ``url``, with how it is written."""
    owner = inclusion.owner
    if statement.type == "decorated_definition":
        decorators = [n for n in statement.named_children if n.type == "decorator"]
        for call in (c for d in decorators for c in d.named_children):
            path = _path_of(call) if call.type == "call" else None
            if path is not None and _is_get(call, owner) and _fits(path, url):
                yield statement, f'@{callee(call)}("{path}")'
    elif statement.type == "expression_statement":
        for call in calls(statement):
            path = _path_of(call)
            mounts = callee(call) == f"{owner}.mount" and path is not None
            if mounts and url.startswith(f"{(path or '').rstrip('/')}/"):
                yield statement, f'{owner}.mount("{path}")'
            elif callee(call) == f"{owner}.include_router":
                routes = _routes_of(backend, inclusion, call)
                if route := next((r for r in routes if _fits(r, url)), None):
                    yield statement, f'a route "{route}"'


def _is_get(call: Node, owner: str) -> bool:
    receiver, _, method = callee(call).rpartition(".")
    if receiver != owner or method not in _GET:
        return False
    methods = text(arguments(call)[1].get("methods"))
    return method == "get" or not methods or "GET" in methods.upper()


def _path_of(call: Node) -> str | None:
    positional, keywords = arguments(call)
    return string_value(positional[0] if positional else keywords.get("path"))


def _fits(path: str, url: str) -> bool:
    """Return True if a route's path answers a URL, as Starlette compares them."""
    wanted, given = path.split("/"), url.split("/")
    for number, part in enumerate(wanted):
        if part.endswith(":path}"):
            return True
        if number >= len(given):
            return False
        fixed, brace, rest = part.partition("{")
        if brace:
            is_number = rest.endswith(":int}")
            if not given[number].startswith(fixed) or not given[number]:
                return False
            if is_number and not given[number].isdigit():
                return False
        elif part != given[number]:
            return False
    return len(wanted) == len(given)


def _routes_of(backend: Backend, inclusion: Inclusion, call: Node) -> Iterator[str]:
    """Yield the paths that another router answers GET at, below the same object."""
    positional, keywords = arguments(call)
    given = text(positional[0] if positional else keywords.get("router"))
    prefix = keywords.get("prefix")
    before = prefix_of(backend, inclusion.path, inclusion.module, prefix)
    first, _, attribute = given.partition(".")
    found = next((i for i in inclusion.module.imports if i.alias == first), None)
    path, name = inclusion.path, given
    if found is not None:
        origin = backend.resolved(inclusion.path, found)
        if origin is None:
            return
        path, name = origin, attribute or found.name
    module = backend.module(path)
    own = None if module is None else own_prefix_of(backend, path, module, name)
    if module is None or before is None or own is None:
        return
    for decorator in module.nodes("decorator"):
        for route in decorator.named_children:
            if route.type == "call" and _is_get(route, name):
                written = _path_of(route)
                if written is not None:
                    yield f"{before}{own}{written}"
