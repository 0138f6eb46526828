"""Insertions into Python source that leave every other byte as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..syntax import Module, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node


@dataclass(frozen=True, kw_only=True)
class Insertion:
    """Text to put in at a byte offset."""

    offset: int
    text: str


def newline_of(source: bytes) -> str:
    r"""Return the line ending that a file uses: ``\r\n`` or ``\n``."""
    first = source.find(b"\n")
    return "\r\n" if first > 0 and source[first - 1 : first] == b"\r" else "\n"


def spliced(source: bytes, insertions: Sequence[Insertion]) -> bytes | None:
    """Insert all; ``None`` unless the result parses as well as the source did."""
    result = source
    # From the end, so that offsets stay true; what shares one keeps its order.
    numbered = sorted(enumerate(insertions), key=lambda i: (i[1].offset, i[0]))
    for _, insertion in reversed(numbered):
        new = insertion.text.replace("\n", newline_of(source)).encode()
        result = result[: insertion.offset] + new + result[insertion.offset :]
    if Module(result).has_errors and not Module(source).has_errors:
        return None
    return result


def after_statement(source: bytes, node: Node, statement: str) -> Insertion:
    """Put a statement on the line after ``node``, with the same indentation."""
    indent = _indentation(source, node)
    end = source.find(b"\n", node.end_byte)
    if end < 0:
        return Insertion(offset=len(source), text=f"\n{indent}{statement}")
    return Insertion(offset=end + 1, text=f"{indent}{statement}\n")


def before_statement(source: bytes, node: Node, statement: str) -> Insertion:
    """Put a statement on the line before ``node``, with the same indentation."""
    start = source.rfind(b"\n", 0, node.start_byte) + 1
    return Insertion(offset=start, text=f"{_indentation(source, node)}{statement}\n")


def added_import(
    module: Module, package: str, statement: str, *, before: int
) -> Insertion | None:
    """Place ``statement`` where a person would: sorted among its own package's imports.

    ``package`` is the first component of what is imported, or ``.`` for a relative
    import. Without such imports it goes after the last one; always above the byte
    ``before``, where its name is used. ``None`` where the file has no place for it.
    """
    top = [
        node
        for node in module.tree.named_children
        if node.type in _IMPORTS and node.end_byte <= before
    ]
    block = [node for node in top if _begins_a_line(module.source, node)]
    if not block:
        return _first_import(module, statement)
    siblings = [node for node in block if _package(node) == package]
    if not siblings:
        apart = "" if package == "." else "\n"
        placed = after_statement(module.source, block[-1], statement)
        return Insertion(offset=placed.offset, text=apart + placed.text)
    for node in siblings:
        if text(node) > statement and text(node).startswith("from "):
            return before_statement(module.source, node, statement)
    return after_statement(module.source, siblings[-1], statement)


_IMPORTS = {"import_statement", "import_from_statement"}


def _first_import(module: Module, statement: str) -> Insertion | None:
    first = next(
        (
            node
            for node in module.tree.named_children
            if node.type not in {"comment", "future_import_statement"}
            and not _is_docstring(node)
        ),
        None,
    )
    if first is None:
        return None
    placed = before_statement(module.source, first, statement)
    return Insertion(offset=placed.offset, text=f"{placed.text}\n")


def _is_docstring(node: Node) -> bool:
    return node.type == "expression_statement" and bool(
        node.named_children and node.named_children[0].type == "string"
    )


def _package(node: Node) -> str:
    origin = node.child_by_field_name("module_name") or node.child_by_field_name("name")
    dotted = text(origin)
    return "." if dotted.startswith(".") else dotted.partition(".")[0]


def _begins_a_line(source: bytes, node: Node) -> bool:
    start = source.rfind(b"\n", 0, node.start_byte) + 1
    return not source[start : node.start_byte].strip()


def _indentation(source: bytes, node: Node) -> str:
    start = source.rfind(b"\n", 0, node.start_byte) + 1
    return source[start : node.start_byte].decode()
