"""What string an expression is, where the project's own modules say it.

A literal, a constant of this module or of another, an attribute of a class or of its
one instance, and what is put together from them::

    AUTH_PATH = "/auth"
    router = APIRouter(prefix=f"{settings.API_PREFIX}{AUTH_PATH}")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..syntax.python import (
    arguments,
    assignments_of,
    body_statements,
    callee,
    name_of,
    string_value,
    text,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from ..syntax.python import Module
    from .router_place import Code

_DEEPEST = 5


def named_string(
    code: Code, path: str, module: Module, node: Node | None, depth: int = _DEEPEST
) -> str | None:
    """Return the string of an expression in ``path``; ``None`` where unknown."""
    if node is None or not depth:
        return None
    if (literal := string_value(node)) is not None:
        return literal
    if node.type == "identifier":
        return _of_name(code, path, module, text(node), depth)
    if node.type == "attribute":
        owner, _, attribute = text(node).rpartition(".")
        return _of_attribute(code, path, module, owner, attribute, depth)
    parts: list[Node | None] = []
    if node.type == "call" and callee(node).rpartition(".")[2] == "Field":
        positional, keywords = arguments(node)
        parts = [positional[0] if positional else keywords.get("default")]
    if (
        node.type == "binary_operator"
        and text(node.child_by_field_name("operator")) == "+"
    ):
        parts = [node.child_by_field_name(side) for side in ("left", "right")]
    elif node.type == "string":
        inner = [
            c for c in node.children if c.type in {"string_content", "interpolation"}
        ]
        parts = [
            c if c.type == "string_content" else c.child_by_field_name("expression")
            for c in inner
        ]
    known = [
        text(part)
        if part is not None and part.type == "string_content"
        else named_string(code, path, module, part, depth - 1)
        for part in parts
    ]
    whole = [part for part in known if part is not None]
    return "".join(whole) if parts and len(whole) == len(known) else None


def _of_name(
    code: Code, path: str, module: Module, name: str, depth: int
) -> str | None:
    for assigned in module.assignments():
        if assigned.target == name:
            return named_string(code, path, module, assigned.value, depth - 1)
    found = code.imported(path, module, name) if depth else None
    return None if found is None else _of_name(code, *found, depth - 1)


def _of_attribute(  # noqa: PLR0913, PLR0917 - a name, and where it is read
    code: Code, path: str, module: Module, name: str, attribute: str, depth: int
) -> str | None:
    """Follow ``settings.PREFIX`` to the class, and ``paths.AUTH`` to the module."""
    made = [a.value for a in module.assignments() if a.target == name]
    if made:
        name = callee(made[0]) if made[0].type == "call" else ""
    for class_ in module.classes():
        if name_of(class_) == name:
            for statement in body_statements(class_):
                for assigned in assignments_of(statement):
                    if assigned.target == attribute:
                        return named_string(
                            code, path, module, assigned.value, depth - 1
                        )
    found = code.imported(path, module, name) if depth else None
    if found is None:
        return None
    if found[0].endswith((f"/{found[2]}.py", f"/{found[2]}/__init__.py")):
        return _of_name(code, found[0], found[1], attribute, depth - 1)
    return _of_attribute(code, *found, attribute, depth - 1)
