"""A statement of TypeScript that goes before another, with what it is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .python import descendants, text
from .typescript import callee, parse_script

if TYPE_CHECKING:
    from tree_sitter import Node

    from .typescript import Script

_DECLARATIONS = {
    "class_declaration",
    "lexical_declaration",
    "variable_declaration",
}


def moved_before(
    script: Script, siblings: list[Node], target: Node, late: Node, *, apart: str
) -> bytes | None:
    """Put a statement, and what it needs, before ``target``; comments go with them.

    ``apart`` is a name that does not bring along what declares it, or adds to it.
    ``None`` where the file would not be read any more.
    """
    first, last = siblings.index(target), siblings.index(late)
    names, moving = _names(late), [late]
    for statement in reversed(siblings[first + 1 : last]):
        if _belongs(statement, names - {apart}):
            moving.insert(0, statement)
            names |= _names(statement)
    source = script.source
    spans = [_span(source, siblings, node) for node in moving]
    at = _span(source, siblings, target)[0]
    block = b"".join(source[start:end] for start, end in spans)
    rest = source[at:]
    for start, end in reversed(spans):
        rest = rest[: start - at] + rest[end - at :]
    after = source[:at] + block + b"\n" + re.sub(rb"\n{3,}", b"\n\n", rest)
    broken = parse_script(after).tree.has_error
    return None if broken and not script.tree.has_error else after


def _belongs(statement: Node, names: set[str]) -> bool:
    """Return True if a statement declares one of ``names``, or adds to one."""
    if statement.type in _DECLARATIONS:
        declared = {
            text(child.child_by_field_name("name")) or text(child)
            for child in statement.named_children
        }
        return bool(declared & names)
    if statement.type != "expression_statement":
        return False
    call = statement.named_children[0]
    return call.type == "call_expression" and callee(call).partition(".")[0] in names


def _names(node: Node) -> set[str]:
    return {text(n) for n in descendants(node) if n.type == "identifier"}


def _span(source: bytes, siblings: list[Node], node: Node) -> tuple[int, int]:
    """Return the lines of a statement and of the comments above it and next to it."""
    index = siblings.index(node)
    first, last = node, node
    for sibling in reversed(siblings[:index]):
        touches = first.start_point[0] - sibling.end_point[0] == 1
        own_line = _begins_its_line(source, sibling)
        if sibling.type != "comment" or not touches or not own_line:
            break
        first = sibling
    for sibling in siblings[index + 1 :]:
        same_line = sibling.start_point[0] == node.end_point[0]
        if not same_line or sibling.type not in {"comment", ";"}:
            break
        last = sibling
    start = source.rfind(b"\n", 0, first.start_byte) + 1
    end = source.find(b"\n", last.end_byte)
    return start, len(source) if end < 0 else end + 1


def _begins_its_line(source: bytes, node: Node) -> bool:
    start = source.rfind(b"\n", 0, node.start_byte) + 1
    return not source[start : node.start_byte].strip()
