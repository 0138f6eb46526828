"""Where a project includes its routers: on which object, and after which statement.

Discovery reads from it what the API's paths begin with, the edit puts one more router
there. It is followed from the application, or the factory that makes it::

    app = create_app()          # the factory, here or where it is imported from
    def create_app():
        register_routers(app)   # the function that includes all routers
    app.include_router(api)     # the module whose one router collects all others
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..syntax.python import (
    Module,
    arguments,
    assignments_of,
    body_statements,
    callee,
    calls,
    name_of,
    parse,
    string_value,
    text,
)
from .modules import resolved_import

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from ..repository.files import Repository

_INCLUDING = {"expression_statement", "for_statement"}
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class Code:
    """The project's modules as its imports name them; ``read`` returns a file."""

    repository: Repository
    import_root: str
    read: Callable[[str], bytes | None]

    def imported(
        self, path: str, module: Module, name: str
    ) -> tuple[str, Module, str] | None:
        """Return the project's file that ``name`` comes from, and its name there."""
        found = next((i for i in module.imports if i.alias == name), None)
        if found is None or not found.name:
            return None
        origin = resolved_import(self.repository, self.import_root, path, found)
        source = self.read(origin) if origin else None
        if origin is None or source is None:
            return None
        return origin, parse(source), found.name


@dataclass(frozen=True, kw_only=True)
class RouterPlace:
    """Where routers are included: a file, an object, and the statements that do it.

    ``above`` are the prefixes that the object itself has, outermost first.
    """

    path: str
    module: Module
    owner: str
    includes: tuple[Node, ...]
    made: Node
    anchor: Node
    before_anchor: bool = False
    above: tuple[Node, ...] = ()

    @property
    def shared_prefix(self) -> Node | None:
        """The prefix that every inclusion has; a path's own is not one.

        ``prefix="/items"`` of a single router is that router's; a named constant, or
        one that several routers share, is the API's.
        """
        prefixes = [
            own_prefix(statement, call)
            for statement in self.includes
            for call in inclusions(statement)
        ]
        if len({text(prefix) for prefix in prefixes}) != 1:
            return None
        is_literal = string_value(prefixes[0]) is not None
        return None if is_literal and len(prefixes) == 1 else prefixes[0]


def find_router_place(
    code: Code, path: str, module: Module, attribute: str, *, collected: bool = True
) -> RouterPlace | None:
    """Find the router module that the application uses, or the application itself.

    Always the application itself if not ``collected``.
    """
    place = made_here(path, module, attribute)
    if place is None:
        # `from web import app`: it is the other module that makes it.
        found = code.imported(path, module, attribute)
        if found is None or found[0] == path:
            return None
        return find_router_place(code, *found, collected=collected)
    if not place.includes:
        place = _in_imported_factory(code, place) or place
    if not place.includes:
        place = _in_helper(code, place) or place
    if collected and len(place.includes) == 1:
        place = _aggregator(code, place) or place
    return place


def inclusions(statement: Node) -> Iterator[Node]:
    """Yield the calls of ``include_router`` in a statement."""
    return (c for c in calls(statement) if callee(c).endswith(".include_router"))


def own_prefix(statement: Node, inclusion: Node) -> Node | None:
    """Return the prefix of one inclusion; what a loop gives to each is none."""
    value = arguments(inclusion)[1].get("prefix")
    bound = _IDENTIFIER.findall(text(statement.child_by_field_name("left")))
    if value is not None and set(bound) & set(_IDENTIFIER.findall(text(value))):
        return None
    return value


def made_here(path: str, module: Module, attribute: str) -> RouterPlace | None:
    """Return where this file makes the application, itself or in a factory."""
    return _in_factory(path, module, attribute) or _in_module(path, module, attribute)


def _in_module(path: str, module: Module, owner: str) -> RouterPlace | None:
    made = [a for a in module.assignments() if a.target == owner]
    if len(made) != 1 or made[0].value.type != "call":
        return None
    beside = _beside(module.top_level, made[0].node)
    includes = tuple(_includes(beside, owner))
    touching = [s for s in beside if _touches(s, owner)]
    anchor = (includes or touching or [made[0].node])[-1]
    place = RouterPlace(
        path=path,
        module=module,
        owner=owner,
        includes=includes,
        made=made[0].node,
        anchor=anchor,
    )
    return _before_root_mount(place)


def _in_factory(path: str, module: Module, attribute: str) -> RouterPlace | None:
    """Follow ``app = create_app()``, or a factory given to the server, in this file."""
    name = attribute
    for assignment in module.assignments():
        if assignment.target == attribute and assignment.value.type == "call":
            name = callee(assignment.value)
    factory = _function(module, name)
    if factory is None:
        return None
    statements = list(body_statements(factory))
    returned = [s for s in statements if s.type == "return_statement"]
    owners = {text(r.named_children[0]) for r in returned if r.named_children}
    made = [
        a
        for s in statements
        for a in assignments_of(s)
        if a.target in owners and a.value.type == "call"
    ]
    if len(owners) != 1 or len(made) != 1 or len(returned) != 1:
        return None
    owner = made[0].target
    if returned[0].parent != made[0].node.parent:
        return None
    includes = tuple(_includes(_beside(statements, made[0].node), owner))
    place = RouterPlace(
        path=path,
        module=module,
        owner=owner,
        includes=includes,
        made=made[0].node,
        anchor=includes[-1] if includes else returned[0],
        before_anchor=not includes,
    )
    return _before_root_mount(place)


def _in_imported_factory(code: Code, place: RouterPlace) -> RouterPlace | None:
    """Follow ``app = create_app()`` to the module that defines the factory."""
    for assignment in assignments_of(place.made):
        if assignment.target == place.owner and assignment.value.type == "call":
            maker = callee(assignment.value)
            if found := code.imported(place.path, place.module, maker):
                return _in_factory(*found)
    return None


def _in_helper(code: Code, place: RouterPlace) -> RouterPlace | None:
    """Follow ``register_routers(app)`` to the function that includes the routers."""
    beside = place.made.parent.named_children if place.made.parent is not None else []
    called = (
        _in_called(code, place, call)
        for statement in beside
        if statement.type == "expression_statement"
        for call in calls(statement)
    )
    return next(filter(None, called), None)


def _in_called(code: Code, place: RouterPlace, call: Node) -> RouterPlace | None:
    path, module, name = place.path, place.module, callee(call)
    function = _function(module, name)
    if function is None:
        found = code.imported(path, module, name)
        if found is None:
            return None
        path, module, name = found
        function = _function(module, name)
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or body is None:
        return None
    owner = _received(function, call, place.owner)
    if not owner and path == place.path and not any(arguments(call)):
        owner = place.owner  # the module's own application, by its name
    includes = tuple(_includes(body.named_children, owner)) if owner else ()
    if not includes:
        return None
    inner = RouterPlace(
        path=path,
        module=module,
        owner=owner,
        includes=includes,
        made=includes[0],
        anchor=includes[-1],
    )
    return _before_root_mount(inner)


def _aggregator(code: Code, place: RouterPlace) -> RouterPlace | None:
    """Return the module whose one router collects all others, where there is one."""
    call = next(inclusions(place.includes[0]))
    positional, keywords = arguments(call)
    included = positional[0] if positional else keywords.get("router")
    if "dependencies" in keywords:
        return None  # what they refuse, a sign-in for one, would be refused here too
    found = code.imported(place.path, place.module, text(included))
    inner = _in_module(*found) if found is not None else None
    if inner is None or len(inner.includes) <= 1:
        return None
    made = (a for a in assignments_of(inner.made) if a.target == inner.owner)
    given = [arguments(a.value)[1] for a in made]
    if any("dependencies" in keywords_ for keywords_ in given):
        return None
    own = (keywords_.get("prefix") for keywords_ in given)
    above = (keywords.get("prefix"), *own)
    return replace(inner, above=tuple(node for node in above if node is not None))


def _received(function: Node, call: Node, owner: str) -> str:
    """Return the parameter of ``function`` that ``call`` gives ``owner`` to, or ""."""
    positional, keywords = arguments(call)
    for name, value in keywords.items():
        if text(value) == owner:
            return name
    parameters = function.child_by_field_name("parameters")
    names = [
        _IDENTIFIER.findall(text(parameter))[:1]
        for parameter in (parameters.named_children if parameters is not None else ())
        if parameter.type != "comment"
    ]
    for given, name_of_it in zip(positional, names, strict=False):
        if text(given) == owner:
            return "".join(name_of_it)
    return ""


def _function(module: Module, name: str) -> Node | None:
    return next((f for f in module.functions() if name_of(f) == name), None)


def _beside(statements: Sequence[Node], made: Node) -> list[Node]:
    """Keep what runs whenever ``made`` does: nothing under its own condition."""
    return [s for s in statements if s.parent == made.parent]


def _before_root_mount(place: RouterPlace) -> RouterPlace:
    """Step before ``app.mount("/", ...)``, which answers every request after it."""
    made = place.made
    siblings = made.parent.named_children if made.parent is not None else []
    for statement in siblings:
        if statement.start_byte > made.start_byte and _mounts_root(
            statement, place.owner
        ):
            if statement.start_byte > place.anchor.start_byte:
                return place
            return replace(place, anchor=statement, before_anchor=True)
    return place


def _mounts_root(statement: Node, owner: str) -> bool:
    if statement.type in {"function_definition", "decorated_definition"}:
        return False
    return any(
        callee(call) == f"{owner}.mount"
        and string_value(next(iter(arguments(call)[0]), None)) in {"/", ""}
        for call in calls(statement)
    )


def _includes(statements: Sequence[Node], owner: str) -> Iterator[Node]:
    for statement in statements:
        if statement.type in _INCLUDING and any(
            callee(call) == f"{owner}.include_router" for call in calls(statement)
        ):
            yield statement


def _touches(statement: Node, owner: str) -> bool:
    if statement.type != "expression_statement":
        return False
    return any(
        callee(call).startswith(f"{owner}.") for call in calls(statement)
    ) or any(a.target == owner for a in assignments_of(statement))
