"""TypeScript, and JSON with comments, as a syntax tree; errors are tolerated."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import tree_sitter_typescript
from tree_sitter import Language, Parser

from .python import Source, descendants, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_PARSER = Parser(Language(tree_sitter_typescript.language_typescript()))
# JSON is an expression, and a file of TypeScript consists of statements.
_JSON_PREFIX = b"_="
_WRAPPERS = {
    "as_expression",
    "await_expression",
    "parenthesized_expression",
    "satisfies_expression",
}


class Script(Source):
    """One parsed file of TypeScript."""

    def __init__(self, source: bytes) -> None:
        """Parse ``source``; never fails."""
        super().__init__(source, _PARSER)

    def calls(self, name: str) -> Iterator[Node]:
        """Yield the calls of ``name``, as a function or as a method."""
        for node in self.nodes("call_expression"):
            called = callee(node)
            if called == name or called.endswith(f".{name}"):
                yield node

    def sources(self) -> Iterator[Node]:
        """Yield the string of every ``from "..."`` and of every ``import("...")``."""
        for node in self.nodes("import_statement", "export_statement"):
            found = node.child_by_field_name("source")
            if found is not None:
                yield found
        for node in self.nodes("call_expression"):
            if callee(node) == "import":
                yield from (n for n in arguments(node) if n.type == "string")

    def constant(self, name: str) -> Node | None:
        """Return the value of ``const name = ...`` at the top level."""
        for statement in self.tree.named_children:
            declared = statement
            if statement.type == "export_statement":
                declared = statement.child_by_field_name("declaration") or statement
            for child in declared.named_children:
                if text(child.child_by_field_name("name")) == name:
                    return unwrapped(child.child_by_field_name("value"))
        return None

    def with_entry_before(self, first: Node | None, entry: str) -> bytes | None:
        """Return the file with an entry before another; ``None`` without that one."""
        if first is None:
            return None
        at = first.start_byte
        space = self.source[self.source.rfind(b"\n", 0, at) : at]
        separator = space if not space.strip() else b" "
        return self.source[:at] + entry.encode() + separator + self.source[at:]

    def replaced(self, node: Node, new: str) -> bytes:
        """Return the source with ``new`` in the place of ``node``."""
        return (
            self.source[: node.start_byte] + new.encode() + self.source[node.end_byte :]
        )


@lru_cache(maxsize=512)
def entries_of(script: Script, holder: Node) -> dict[str, Node]:
    """Return an object literal's entries, those of what it spreads included."""
    found: dict[str, Node] = {}
    for child in holder.named_children:
        if child.type == "spread_element":
            spread = unwrapped(child.named_children[0])
            if spread is not None and spread.type == "identifier":
                spread = script.constant(text(spread))
            if spread is not None and spread.type == "object":
                found.update(entries_of(script, spread))
        elif child.type == "pair":
            key = text(child.child_by_field_name("key"))
            value = unwrapped(child.child_by_field_name("value"))
            if value is not None:
                found[key] = value
    return found


def parse_script(source: bytes) -> Script:
    """Parse TypeScript, once for equal text."""
    return Script(source)


class Json:
    """A JSON file, comments and trailing commas tolerated, edited with them kept."""

    def __init__(self, source: bytes) -> None:
        """Parse ``source``; ``root`` is ``None`` where it is no object."""
        self._script = Script(_JSON_PREFIX + source.removeprefix(b"\xef\xbb\xbf"))
        found = next(iter(self._script.nodes("assignment_expression")), None)
        value = None if found is None else found.child_by_field_name("right")
        is_object = value is not None and value.type == "object"
        whole = is_object and not self._script.tree.has_error
        self.root = value if whole else None

    def value(self, *names: str) -> object:
        """Return what is at ``names`` as Python's own types."""
        return literal(value_at(self.root, *names))

    def strings(self, *names: str) -> dict[str, str]:
        """Return the entries of the object at ``names`` whose values are strings."""
        value = self.value(*names)
        if not isinstance(value, dict):
            return {}
        return {str(k): v for k, v in value.items() if isinstance(v, str)}

    def with_value(self, node: Node, new: str) -> bytes:
        """Return the file with another value in the place of ``node``."""
        return self._script.replaced(node, new)[len(_JSON_PREFIX) :]

    def with_entry(self, holder: Node, entry: str) -> bytes:
        """Return the file with ``entry`` as the first of the object ``holder``."""
        source = self._script.source
        at = holder.start_byte + 1
        first = holder.named_children[0] if holder.named_children else None
        space = source[at : first.start_byte] if first is not None else b""
        new = space + entry.encode() + (b"," if first is not None else b"")
        return (source[:at] + new + source[at:])[len(_JSON_PREFIX) :]

    def without(self, entry: Node) -> bytes:
        """Return the file without an entry of an object or a list, nor its comma."""
        source = self._script.source
        start, end = entry.start_byte, entry.end_byte
        following = entry.next_sibling
        if following is not None and following.type == ",":
            end = following.end_byte
            after = following.next_sibling
            if after is not None and after.type not in {"}", "]"}:
                end = after.start_byte
        else:
            earlier = entry.prev_sibling
            if earlier is not None and earlier.type == ",":
                start = earlier.start_byte
        return (source[:start] + source[end:])[len(_JSON_PREFIX) :]


def callee(call: Node) -> str:
    """Return what a call calls, as written: ``cors``, ``app.use``."""
    return text(call.child_by_field_name("function"))


def arguments(call: Node) -> list[Node]:
    """Return a call's arguments."""
    listed = call.child_by_field_name("arguments")
    if listed is None:
        return []
    return [child for child in listed.named_children if child.type != "comment"]


def descendants_of(node: Node, kind: str) -> Iterator[Node]:
    """Yield the nodes of one type below ``node``."""
    return (found for found in descendants(node) if found.type == kind)


def unwrapped(node: Node | None) -> Node | None:
    """Return the expression within parentheses, ``as`` and ``satisfies``."""
    while node is not None and node.type in _WRAPPERS and node.named_children:
        node = node.named_children[0]
    return node


def entry_of(holder: Node | None, name: str) -> Node | None:
    """Return the entry ``name`` of an object literal: a pair, a method, a shorthand."""
    if holder is None or holder.type != "object":
        return None
    for child in holder.named_children:
        if child.type == "pair" and _key(child.child_by_field_name("key")) == name:
            return child
        if child.type == "method_definition":
            if text(child.child_by_field_name("name")) == name:
                return child
        elif child.type == "shorthand_property_identifier" and text(child) == name:
            return child
    return None


def is_open(holder: Node | None) -> bool:
    """Return True if an object has more than is written here, or is elsewhere."""
    if holder is None:
        return False
    spreads = (child.type == "spread_element" for child in holder.named_children)
    return holder.type != "object" or any(spreads)


def value_at(holder: Node | None, *names: str) -> Node | None:
    """Return the value at a path of names, through object literals."""
    for name in names:
        entry = entry_of(unwrapped(holder), name)
        if entry is None:
            return None
        is_pair = entry.type == "pair"
        holder = unwrapped(entry.child_by_field_name("value") if is_pair else entry)
    return unwrapped(holder)


def string_value(node: Node | None) -> str | None:
    """Return the value of a string literal without substitutions."""
    if node is None or node.type not in {"string", "template_string"}:
        return None
    if any(child.type == "template_substitution" for child in node.children):
        return None
    return text(node)[1:-1]


def literal(node: Node | None) -> object:
    """Return a literal as Python's own types; anything else becomes ``None``."""
    node = unwrapped(node)
    if node is None:
        return None
    found: object = None
    match node.type:
        case "string" | "template_string":
            found = string_value(node)
        case "number":
            found = _number(text(node))
        case "true" | "false":
            found = node.type == "true"
        case "array":
            found = [literal(n) for n in node.named_children if n.type != "comment"]
        case "object":
            found = {
                _key(pair.child_by_field_name("key")): literal(
                    pair.child_by_field_name("value")
                )
                for pair in node.named_children
                if pair.type == "pair"
            }
        case _:
            pass
    return found


def _key(node: Node | None) -> str:
    return string_value(node) or text(node)


def _number(written: str) -> float | None:
    try:
        return float(written.replace("_", ""))
    except ValueError:
        return None
