"""Lists of paths in the code of a middleware, and whether they let a route through.

A list is in the definition itself, or has a name that it uses: a constant of the file,
of another one, a field of the settings, or an argument of ``add_middleware``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..syntax.python import (
    arguments,
    assignments_of,
    body_statements,
    descendants,
    name_of,
    string_value,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from ..syntax.python import Module
    from .router_place import Code

_COLLECTIONS = frozenset({"list", "tuple", "set"})
# More could take longer than anybody waits.
_MOST_REPEATS = 3


@dataclass(frozen=True, kw_only=True)
class PathList:
    """A literal list of paths: where it is, and how the middleware compares them."""

    path: str
    module: Module
    node: Node
    how: str  # exact, prefix or pattern

    def covers(self, route: str) -> bool:
        """Return True if a route is let through already."""
        for node in self.node.named_children:
            entry = string_value(node)
            if entry is None:
                continue
            if entry == route or (
                self.how == "prefix" and len(entry) > 1 and route.startswith(entry)
            ):
                return True
            if self.how == "pattern" and _matches(entry, route):
                return True
        return False


def lists_of(
    code: Code,
    files: Sequence[tuple[str, Module]],
    path: str,
    module: Module,
    owner: Node,
) -> Iterator[tuple[str, PathList]]:
    """Yield each list that the definition ``owner`` uses, with what it is called."""
    how = _comparison(text(owner))
    found = [
        *((_called(n), path, module, n) for n in descendants(owner) if _is_paths(n)),
        *_named(code, files, path, module, owner),
        *_given(files, name_of(owner)),
    ]
    for name, file, where, node in found:
        yield name, PathList(path=file, module=where, node=node, how=how)


def given_lists(
    files: Sequence[tuple[str, Module]], name: str
) -> Iterator[tuple[str, PathList]]:
    """Yield the lists that a middleware of an installed package is given."""
    for key, file, module, node in _given(files, name):
        yield key, PathList(path=file, module=module, node=node, how="exact")


def _named(
    code: Code,
    files: Sequence[tuple[str, Module]],
    path: str,
    module: Module,
    owner: Node,
) -> Iterator[tuple[str, str, Module, Node]]:
    """Yield the lists that the names in the definition lead to."""
    kinds = {"identifier", "attribute"}
    names = dict.fromkeys(text(n) for n in descendants(owner) if n.type in kinds)
    for name in names:
        last = name.rpartition(".")[2]
        places = [(path, module, last, False)]
        if imported := code.imported(path, module, name):
            places.append((*imported, False))
        elif re.match(r"(?:\w+\.)?_?(?:settings|config)\.", name):
            places += [(file, other, last, True) for file, other in files]
        for file, other, called, fields in places:
            for node in _assigned(other, called, fields=fields):
                yield last, file, other, node


def _given(
    files: Sequence[tuple[str, Module]], name: str
) -> Iterator[tuple[str, str, Module, Node]]:
    """Yield the lists that ``add_middleware(name, ...)`` gives it."""
    for file, module in files:
        for call in module.nodes("call"):
            positional, keywords = arguments(call)
            if not positional or text(positional[0]).rpartition(".")[2] != name:
                continue
            for key, value in keywords.items():
                if _is_paths(value):
                    yield key, file, module, value
                elif value.type == "identifier":
                    for node in _assigned(module, text(value)):
                        yield key, file, module, node


def _assigned(module: Module, name: str, *, fields: bool = False) -> Iterator[Node]:
    """Yield the collections of paths that a module, or its classes, name so."""
    statements = list(module.top_level)
    if fields:
        statements += [s for c in module.classes() for s in body_statements(c)]
    for statement in statements:
        for assigned in assignments_of(statement):
            if assigned.target == name:
                inside = [assigned.value, *descendants(assigned.value)]
                yield from (node for node in inside[:40] if _is_paths(node))


def _is_paths(node: Node) -> bool:
    elements = [n for n in node.named_children if n.type != "comment"]
    return (
        node.type in _COLLECTIONS
        and bool(elements)
        and all(n.type == "string" for n in elements)
        and any((string_value(n) or "").startswith(("/", "^/")) for n in elements)
    )


def _called(node: Node) -> str:
    """Return the name that a list inside of the definition is given, if any."""
    above = node.parent
    while above is not None and above.type not in {"assignment", "block"}:
        above = above.parent
    if above is None or above.type != "assignment":
        return ""
    return text(above.child_by_field_name("left"))


def _comparison(written: str) -> str:
    if re.search(r"\bre\.|\.(full)?match\(", written):
        return "pattern"
    return "prefix" if ".startswith(" in written else "exact"


def _matches(pattern: str, route: str) -> bool:
    try:
        return _is_quick(pattern) and re.match(pattern, route) is not None
    except re.error:
        return False


def _is_quick(pattern: str) -> bool:
    """Return True for a pattern of the repository's that cannot take for ever.

    Few repeats, and none of a group: the time of those may double with each letter.
    """
    repeats = sum(pattern.count(sign) for sign in "*+{")
    return repeats <= _MOST_REPEATS and re.search(r"\)[*+{]", pattern) is None
