"""Include the auth package's router where the project includes its own.

Before::

    app = FastAPI()
    app.include_router(items.router, prefix="/api")

After::

    from app.auth import router as auth_router
    ...
    app.include_router(items.router, prefix="/api")
    app.include_router(auth_router, prefix="/api")
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Skip
from ..modules import local_packages, module_file, resolved_import
from ..syntax import (
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
from ..transforms.python import added_import, after_statement, before_statement, spliced
from .staging import unsafe_to_edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from ..model import Integration
    from ..syntax import Import
    from .staging import Staging

_OPERATION = "include-auth-router"
_ALIASES = ("auth_router", "better_auth_router", "session_router")


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where routers are included: a file, an object, and the statements that do it."""

    path: str
    module: Module
    owner: str
    includes: tuple[Node, ...]
    made: Node
    anchor: Node
    before_anchor: bool = False


def include_auth_router(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Include the router; skip where it is; a manual step where no place is safe."""
    answers = integration.answers
    path = module_file(staging.repository, answers.auth_import_root, answers.app_module)
    source = staging.read(path) if path else None
    if path is None or source is None:
        why = f"there is no module {answers.app_module} to edit"
        return _manual(integration, answers.app_module, "app", "", why)
    module = parse(source)
    place = _place(integration, staging, path, module)
    if isinstance(place, str):
        return _manual(integration, path, answers.app_attribute, "", place)
    if already := _included_in(integration, staging, path, place):
        return Skip(operation=_OPERATION, path=already, why="is included already")
    prefix = _shared_prefix(place.includes)
    if why := unsafe_to_edit(place.module.source):
        return _manual(integration, place.path, place.owner, prefix, why)
    root = answers.auth_import_root
    local = local_packages(staging.repository, root, place.path, place.module)
    after = _edited(integration, place, prefix, local)
    if after is None:
        why = "no safe place for the import was found"
        return _manual(integration, place.path, place.owner, prefix, why)
    why = f"include the auth router in {place.owner}"
    return FileEdit(
        path=place.path, before=place.module.source, after=after, why=(why,)
    )


def application_name(integration: Integration, staging: Staging, path: str) -> str:
    """Return what the application is called where it is made, in a factory too."""
    module = parse(staging.read(path) or b"")
    attribute = integration.answers.app_attribute
    place = _in_factory(path, module, attribute) or _in_module(path, module, attribute)
    return place.owner if place is not None else "app"


def _edited(
    integration: Integration, place: _Place, prefix: str, local: frozenset[str]
) -> bytes | None:
    alias = next(a for a in _ALIASES if not place.module.binds(a))
    statement = f"from {integration.answers.package_module} import router as {alias}"
    package = integration.answers.package_module.partition(".")[0]
    above = place.made.start_byte
    importing = added_import(
        place.module, package, statement, before=above, local=local
    )
    if importing is None:
        return None
    call = f"{place.owner}.include_router({alias}{prefix and f', prefix={prefix}'})"
    put = before_statement if place.before_anchor else after_statement
    including = put(place.module.source, place.anchor, call)
    return spliced(place.module.source, (importing, including))


def _place(
    integration: Integration, staging: Staging, path: str, module: Module
) -> _Place | str:
    """Find the router module that the application uses, or the application itself."""
    attribute = integration.answers.app_attribute
    ways = (_in_factory, _in_module)
    place = next(filter(None, (way(path, module, attribute) for way in ways)), None)
    if place is None:
        return f"{attribute} is not made in this file in a way that can be followed"
    if len(place.includes) == 1:
        inner = _aggregator(integration, staging, place)
        if inner is not None:
            return inner
    return place


def _in_module(path: str, module: Module, owner: str) -> _Place | None:
    made = [a for a in module.assignments() if a.target == owner]
    if len(made) != 1 or made[0].value.type != "call":
        return None
    beside = _beside(module.top_level, made[0].node)
    includes = tuple(_includes(beside, owner))
    touching = [s for s in beside if _touches(s, owner)]
    anchor = (includes or touching or [made[0].node])[-1]
    place = _Place(
        path=path,
        module=module,
        owner=owner,
        includes=includes,
        made=made[0].node,
        anchor=anchor,
    )
    return _before_root_mount(place)


def _beside(statements: Sequence[Node], made: Node) -> list[Node]:
    """Keep what runs whenever ``made`` does: nothing under a condition of its own."""
    return [s for s in statements if s.parent == made.parent]


def _before_root_mount(place: _Place) -> _Place:
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


def _in_factory(path: str, module: Module, attribute: str) -> _Place | None:
    """Follow ``app = create_app()``, or a factory given to the server, in this file."""
    name = attribute
    for assignment in module.assignments():
        if assignment.target == attribute and assignment.value.type == "call":
            name = callee(assignment.value)
    factory = next((f for f in module.functions() if name_of(f) == name), None)
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
    place = _Place(
        path=path,
        module=module,
        owner=owner,
        includes=includes,
        made=made[0].node,
        anchor=includes[-1] if includes else returned[0],
        before_anchor=not includes,
    )
    return _before_root_mount(place)


def _aggregator(
    integration: Integration, staging: Staging, place: _Place
) -> _Place | None:
    """Return the module whose one router collects all others, where there is one."""
    included = next(_router_arguments(place.includes[0]), None)
    name = text(included) if included is not None else ""
    found = next((i for i in place.module.imports if i.alias == name), None)
    if found is None or not found.name:
        return None
    root = integration.answers.auth_import_root
    path = resolved_import(staging.repository, root, place.path, found)
    source = staging.read(path) if path else None
    if path is None or source is None:
        return None
    inner = _in_module(path, parse(source), found.name)
    return inner if inner is not None and len(inner.includes) > 1 else None


def _includes(statements: Sequence[Node], owner: str) -> Iterator[Node]:
    for statement in statements:
        if statement.type == "expression_statement" and any(
            callee(call) == f"{owner}.include_router" for call in calls(statement)
        ):
            yield statement


def _router_arguments(statement: Node) -> Iterator[Node]:
    for call in calls(statement):
        if callee(call).endswith(".include_router"):
            positional, keywords = arguments(call)
            yield positional[0] if positional else keywords["router"]


def _touches(statement: Node, owner: str) -> bool:
    if statement.type != "expression_statement":
        return False
    return any(
        callee(call).startswith(f"{owner}.") for call in calls(statement)
    ) or any(a.target == owner for a in assignments_of(statement))


def _shared_prefix(includes: Sequence[Node]) -> str:
    """Return the prefix that every inclusion has, as written; a path's own is not one.

    ``prefix="/items"`` of a single router is that router's; a named constant, or one
    that several routers share, is the API's.
    """
    prefixes: list[str] = []
    literal = False
    for statement in includes:
        for call in calls(statement):
            if callee(call).endswith(".include_router"):
                value = arguments(call)[1].get("prefix")
                literal = literal or string_value(value) is not None
                prefixes.append(text(value))
    if not prefixes or len(set(prefixes)) != 1:
        return ""
    return "" if literal and len(prefixes) == 1 else prefixes[0]


def _included_in(
    integration: Integration, staging: Staging, path: str, place: _Place
) -> str | None:
    """Return the file that includes the router already, if any."""
    root = integration.answers.auth_import_root
    package = module_file(staging.repository, root, integration.answers.package_module)
    for name in dict.fromkeys((path, place.path)):
        module = parse(staging.read(name) or b"")
        aliases = {
            found.alias
            for found in module.imports
            if _is_our_router(integration, staging, name, found, package)
        }
        for call in module.nodes("call"):
            if callee(call).endswith(".include_router"):
                positional, _ = arguments(call)
                if positional and text(positional[0]) in aliases:
                    return name
    return None


def _is_our_router(
    integration: Integration,
    staging: Staging,
    path: str,
    found: Import,
    package: str | None,
) -> bool:
    if found.name != "router":
        return False
    dotted = integration.answers.package_module
    if found.level == 0:
        return found.module in {dotted, f"{dotted}.router"}
    root = integration.answers.auth_import_root
    return package is not None and package == resolved_import(
        staging.repository, root, path, found
    )


def _manual(
    integration: Integration, path: str, owner: str, prefix: str, why: str
) -> ManualStep:
    module = integration.answers.package_module
    call = f"{owner}.include_router(auth_router{prefix and f', prefix={prefix}'})"
    return ManualStep(
        operation=_OPERATION,
        path=path,
        why=why,
        snippet=f"from {module} import router as auth_router\n\n{call}",
    )
