"""Insertions into Python source that leave every other byte as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .python import descendants, parse, text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tree_sitter import Node

    from .python import Module


@dataclass(frozen=True, kw_only=True)
class Insertion:
    """Text to put in at a byte offset, instead of the ``replaces`` bytes there."""

    offset: int
    text: str
    replaces: int = 0


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
        end = insertion.offset + insertion.replaces
        new = insertion.text.replace("\n", newline_of(source)).encode()
        result = result[: insertion.offset] + new + result[end:]
    if parse(result).has_errors and not parse(source).has_errors:
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
    module: Module,
    package: str,
    statement: str,
    *,
    before: int,
    local: Collection[str] = (),
) -> Insertion | None:
    """Place ``statement`` where a person would: sorted among its own package's imports.

    ``package`` is the first component of what is imported, or ``.`` for a relative
    import. Without such imports it goes among those of the ``local`` packages, the
    project's other ones, else after the last import; always above the byte ``before``,
    where its name is used, and below what the project's own imports need first, a
    change of ``sys.path`` for one. ``None`` where the file has no place for it.
    """
    source = module.source
    floor = _needed_first(module, {package, *local}, before)
    top = [
        node
        for node in module.tree.named_children
        if node.type in _IMPORTS
        and node.end_byte <= before
        and (floor is None or node.start_byte >= floor.end_byte)
    ]
    block = [node for node in top if _begins_a_line(source, node)]
    siblings = [node for node in block if _package(node) == package]
    siblings = siblings or [node for node in block if _package(node) in local]
    if not siblings and floor is not None:
        placed = after_statement(source, floor, statement)
        return Insertion(offset=placed.offset, text=f"\n{placed.text}")
    if not block:
        return _first_import(module, statement)
    if not siblings:
        apart = "" if package == "." else "\n"
        placed = after_statement(source, block[-1], statement)
        return Insertion(offset=placed.offset, text=apart + placed.text)
    for node in siblings:
        if text(node) > statement and text(node).startswith("from "):
            return before_statement(source, node, _as_exempt(statement, node))
    last = siblings[-1]
    return after_statement(source, last, _as_exempt(statement, last))


def _needed_first(
    module: Module, packages: Collection[str], before: int
) -> Node | None:
    """Return the last statement that the project's own imports may not go above."""
    found = None
    for node in module.tree.named_children:
        if node.end_byte > before:
            break
        if node.type in _IMPORTS or node.type in _NEVER_RUN:
            continue
        if _CHANGES_PATH.search(text(node)) or any(
            _package(inner) in packages
            for inner in descendants(node)
            if inner.type in _IMPORTS
        ):
            found = node
    return found


def _as_exempt(statement: str, neighbour: Node) -> str:
    """Let a linter overlook the import's place where it does so for ``neighbour``."""
    following = neighbour.next_sibling
    if (
        following is None
        or following.type != "comment"
        or following.start_point[0] != neighbour.end_point[0]
        or not (noqa := _NOQA.match(text(following)))
        or (noqa["codes"] and "E402" not in noqa["codes"])
    ):
        return statement
    if "# noqa: " in statement:
        return statement.replace("# noqa: ", "# noqa: E402, ")
    return f"{statement}  # noqa: E402"


# What runs only when it is called, so that nothing after it waits for it.
_NEVER_RUN = {"function_definition", "class_definition", "decorated_definition"}
_CHANGES_PATH = re.compile(r"\bsys\.path\b|\baddsitedir\(")
_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z0-9, ]+))?", re.IGNORECASE)
_IMPORTS = {"import_statement", "import_from_statement"}


def added_elements(
    source: bytes, collection: Node, elements: Sequence[str]
) -> list[Insertion]:
    """Add string ``elements`` to a literal list, tuple or set, in its own style.

    One that spans lines gets a line for each; quotes and a comma at the end are as
    they are there.
    """
    present = [node for node in collection.named_children if node.type != "comment"]
    quote = "'" if present and text(present[0])[-1:] == "'" else '"'
    written = [f"{quote}{element}{quote}" for element in elements]
    if not present:
        return [Insertion(offset=collection.start_byte + 1, text=", ".join(written))]
    last = present[-1]
    comma = last.next_sibling
    ends_with_comma = comma is not None and comma.type == ","
    end = comma.end_byte if comma is not None and ends_with_comma else last.end_byte
    if _begins_a_line(source, last):
        indent = _indentation(source, last)
        if ends_with_comma:
            # What follows on the line, a comment for one, belongs to the last element.
            end = _line_end(source, end)
            lines = "".join(f"\n{indent}{element}," for element in written)
            return [Insertion(offset=end, text=lines)]
        lines = f",\n{indent}".join(written)
        return [
            Insertion(offset=end, text=","),
            Insertion(offset=_line_end(source, end), text=f"\n{indent}{lines}"),
        ]
    joined = ", ".join(written)
    one_line_end = f" {joined}," if ends_with_comma else f", {joined}"
    return [Insertion(offset=end, text=one_line_end)]


def added_keyword(source: bytes, after: Node, keyword: str) -> list[Insertion]:
    """Add ``name=value`` after the argument ``after``, on its own line like it."""
    comma = after.next_sibling
    if not _begins_a_line(source, after):
        return [Insertion(offset=after.end_byte, text=f", {keyword}")]
    indent = _indentation(source, after)
    if comma is not None and comma.type == ",":
        end = _line_end(source, comma.end_byte)
        return [Insertion(offset=end, text=f"\n{indent}{keyword},")]
    end = _line_end(source, after.end_byte)
    return [
        Insertion(offset=after.end_byte, text=","),
        Insertion(offset=end, text=f"\n{indent}{keyword}"),
    ]


def _line_end(source: bytes, offset: int) -> int:
    """Return where the line ends, unless something else than a comment follows."""
    end = source.find(b"\n", offset)
    end = len(source) if end < 0 else end
    rest = source[offset:end].strip()
    if rest and not rest.startswith(b"#"):
        return offset
    return end - 1 if source[end - 1 : end] == b"\r" else end


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
