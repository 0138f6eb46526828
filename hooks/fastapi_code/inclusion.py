"""Where the auth package's router is included, and whether that is ever run.

A router is followed by its names through the files that import it, and through the
routers that it is included in, up to the application::

    from app.auth import router as auth_router     # a name of the router
    api.include_router(auth_router)                # included in another router
    app.include_router(api, prefix="/api")         # which the application includes
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..syntax.python import arguments, callee, line, name_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.python import Module
    from .backend import Backend

_NEVER = {"False", "0", "None", "TYPE_CHECKING", "typing.TYPE_CHECKING"}
_MAIN = ('__name__ == "__main__"', "__name__ == '__main__'")
_CONDITIONS = {"if_statement", "elif_clause", "match_statement"}
# Where a name stands that is bound or exported, and not used.
_BINDING = {"dotted_name", "aliased_import", "keyword_argument", "relative_import"}


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """One call of ``include_router``; ``owner`` is the object that gets the router."""

    path: str
    module: Module
    call: Node
    owner: str

    @property
    def prefix(self) -> Node | None:
        """The expression of the prefix that the router gets there."""
        return arguments(self.call)[1].get("prefix")


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why an inclusion does not count: at all, or perhaps."""

    message: str
    path: str
    line: int
    is_sure: bool = True


@dataclass(frozen=True, kw_only=True)
class Uses:
    """What becomes of a router: its inclusions, and whether it is used otherwise."""

    inclusions: tuple[Inclusion, ...]
    otherwise: bool


def uses_of(backend: Backend, origins: set[tuple[str, str]]) -> Uses:
    """Find every use of the routers that are called so in these files."""
    known = _names(backend, origins)
    included: list[Inclusion] = []
    otherwise = False
    for path in sorted({path for path, _ in known}):
        module = backend.module(path)
        names = {name for where, name in known if where == path}
        for node in module.nodes("identifier", "attribute") if module else ():
            if module is None or text(node) not in names or _is_bound(node):
                continue
            call = _including(node)
            if call is not None:
                owner = callee(call).removesuffix(".include_router")
                included.append(
                    Inclusion(path=path, module=module, call=call, owner=owner)
                )
            elif not _is_made_or_decorates(node):
                otherwise = True
    return Uses(inclusions=tuple(included), otherwise=otherwise)


def _names(backend: Backend, origins: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Follow names through imports: ``from app.auth import router as auth_router``."""
    known = set(origins)
    while True:
        found = set(_imported(backend, known)) - known
        if not found:
            return known
        known |= found


def _imported(
    backend: Backend, known: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    files = {path for path, _ in known}
    stems = {_stem(path) for path in files}
    words = {name.rpartition(".")[2] for _, name in known}
    words |= {part for path in files for part in PurePosixPath(path).parts[-2:]}
    for path in backend.files_with(word.removesuffix(".py") for word in words):
        module = backend.module(path)
        for one in module.imports if module is not None else ():
            last = one.module.rpartition(".")[2]
            if last and last not in stems and one.name not in stems:
                continue  # it cannot lead to one of these files
            origin = backend.resolved(path, one)
            if origin is None or origin not in files:
                continue
            names = {name for where, name in known if where == origin}
            if one.name in names:
                yield path, one.alias
            elif one.name == "*":
                yield from ((path, name) for name in names)
            elif not _is_name_in(backend, origin, one.name):
                # A module: auth.router, app.auth.router.
                alias = one.alias if one.name else _written(one.module, one.alias)
                yield from ((path, f"{alias}.{name}") for name in names)


def _stem(path: str) -> str:
    """Return the last part of the name that a module is imported by."""
    file = PurePosixPath(path)
    return file.parent.name if file.name == "__init__.py" else file.stem


def _is_name_in(backend: Backend, origin: str, name: str) -> bool:
    module = backend.module(origin)
    return bool(name) and module is not None and module.binds(name)


def _written(module: str, alias: str) -> str:
    return module if module.partition(".")[0] == alias else alias


def _is_bound(node: Node) -> bool:
    """Return True where a name is imported, or is the name of a keyword."""
    above = node.parent
    if above is None:
        return True
    if above.type == "keyword_argument":
        return above.child_by_field_name("name") == node
    if above.type == "attribute":
        # A part of a longer name, which is looked at itself; its routes may be added.
        return text(above.child_by_field_name("attribute")) != "routes"
    return above.type in _BINDING


def _including(node: Node) -> Node | None:
    """Return the call that includes what ``node`` names."""
    above = node.parent
    if above is not None and above.type == "keyword_argument":
        above = above.parent
    call = above.parent if above is not None else None
    if above is None or above.type != "argument_list" or call is None:
        return None
    return call if callee(call).endswith(".include_router") else None


def _is_made_or_decorates(node: Node) -> bool:
    """Return True at ``router = APIRouter()``."""
    above = node.parent
    return (
        above is not None
        and above.type == "assignment"
        and above.child_by_field_name("left") == node
    )


def obstacle_to(backend: Backend, inclusion: Inclusion) -> Obstacle | None:
    """Return why an inclusion is not run whenever the application is made."""
    reachable = backend.reachable
    if reachable is not None and inclusion.path not in reachable:
        message = "it is included in a file that the application does not import"
        return _at(inclusion, inclusion.call, message)
    within, node = inclusion.call, inclusion.call.parent
    doubt: Obstacle | None = None
    while node is not None:
        if node.type in _CONDITIONS:
            found = _condition(inclusion, node, within)
            if found is not None and found.is_sure:
                return found
            doubt = doubt or found
        elif node.type == "function_definition":
            name = name_of(node)
            decorated = node.parent is not None and (
                node.parent.type == "decorated_definition"
            )
            if not decorated and not _is_run(backend, name):
                message = f"it is included in {name}(), which nothing calls"
                return _at(inclusion, node, message)
        within, node = node, node.parent
    return doubt


def _is_run(backend: Backend, name: str) -> bool:
    return backend.is_factory(name) or backend.calls_function(name)


def _condition(inclusion: Inclusion, node: Node, within: Node) -> Obstacle | None:
    """Return what an ``if`` around an inclusion means; none where the app is in it."""
    if _makes(node, inclusion.owner) or within.type == "elif_clause":
        return None
    condition = text(node.child_by_field_name("condition")) or "one case is true"
    bare = condition.removeprefix("not ")
    is_otherwise = (within.type == "else_clause") != (bare != condition)
    if bare in _NEVER or bare == "True":
        if is_otherwise == (bare != "True"):
            return None
        return _at(inclusion, node, f"it is included under if {condition}, so never")
    if condition in _MAIN and not is_otherwise:
        message = "it is included only where the file itself is run, not by uvicorn"
        return _at(inclusion, node, message)
    shown = f"not ({condition})" if within.type == "else_clause" else condition
    message = f"it is included only if {shown}"
    return _at(inclusion, node, message, is_sure=False)


def _makes(block: Node, owner: str) -> bool:
    """Return True if the owner of the routes is made within the same condition."""
    waiting = list(block.named_children)
    while waiting:
        node = waiting.pop()
        if (
            node.type == "assignment"
            and text(node.child_by_field_name("left")) == owner
        ):
            return True
        waiting.extend(node.named_children)
    return False


def _at(
    inclusion: Inclusion, node: Node, message: str, *, is_sure: bool = True
) -> Obstacle:
    return Obstacle(
        message=message, path=inclusion.path, line=line(node), is_sure=is_sure
    )
