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

# A repository may define names in circles, or one by very many others.
_MOST_EXPRESSIONS = 100


def named_string(
    code: Code, path: str, module: Module, node: Node | None
) -> str | None:
    """Return the string of an expression in ``path``; ``None`` where unknown."""
    return _Search(code).string(path, module, node)


class _Search:
    """One search, which gives up after so many expressions and imports."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._left = _MOST_EXPRESSIONS

    def string(self, path: str, module: Module, node: Node | None) -> str | None:
        if node is None or not self._goes_on():
            return None
        if (literal := string_value(node)) is not None:
            return literal
        if node.type == "identifier":
            return self._of_name(path, module, text(node))
        if node.type == "attribute":
            owner, _, attribute = text(node).rpartition(".")
            return self._of_attribute(path, module, owner, attribute)
        whole: list[str] = []
        for part in _parts(node):
            is_text = part is not None and part.type == "string_content"
            known = text(part) if is_text else self.string(path, module, part)
            if known is None:
                return None
            whole.append(known)
        return "".join(whole) if whole else None

    def _goes_on(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def _of_name(self, path: str, module: Module, name: str) -> str | None:
        for assigned in module.assignments():
            if assigned.target == name:
                return self.string(path, module, assigned.value)
        found = self._code.imported(path, module, name) if self._goes_on() else None
        return None if found is None else self._of_name(*found)

    def _of_attribute(
        self, path: str, module: Module, name: str, attribute: str
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
                            return self.string(path, module, assigned.value)
        found = self._code.imported(path, module, name) if self._goes_on() else None
        if found is None:
            return None
        if found[0].endswith((f"/{found[2]}.py", f"/{found[2]}/__init__.py")):
            return self._of_name(found[0], found[1], attribute)
        return self._of_attribute(*found, attribute)


def _parts(node: Node) -> list[Node | None]:
    """Return what a string is put together from; nothing where it is none."""
    if node.type == "call" and callee(node).rpartition(".")[2] == "Field":
        positional, keywords = arguments(node)
        return [positional[0] if positional else keywords.get("default")]
    if node.type == "binary_operator":
        added = text(node.child_by_field_name("operator")) == "+"
        sides = ("left", "right") if added else ()
        return [node.child_by_field_name(side) for side in sides]
    if node.type != "string":
        return []
    return [
        part
        if part.type == "string_content"
        else part.child_by_field_name("expression")
        for part in node.children
        if part.type in {"string_content", "interpolation"}
    ]
