"""Python source as a syntax tree, of whatever version, with errors tolerated.

CPython's own parser refuses syntax newer than itself, and users' code may be newer
than the Python that runs Copier. A broken part becomes an error node here and hides
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import tree_sitter_python
from tree_sitter import Language, Parser, Query, QueryCursor

from .python_imports import Import, written_imports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_LANGUAGE = Language(tree_sitter_python.language())
_PARSER = Parser(_LANGUAGE)
# Trees are large: of what was parsed, no more than this is kept for the next reader.
_PARSED = 512
_MOST_READ = 20_000
_READ_IMPORTS: dict[bytes, tuple[Import, ...]] = {}


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """``target = value``, or ``target: annotation = value``."""

    target: str
    value: Node
    node: Node


class Source:
    """One file of any language, parsed when a node of it is asked for."""

    def __init__(self, source: bytes, parser: Parser) -> None:
        """Remember the text; nothing is parsed yet."""
        self.source = source
        self._parser = parser
        self._nodes: dict[str, list[Node]] = {}

    @cached_property
    def tree(self) -> Node:
        """The whole file; a part that cannot be read is an error node."""
        return self._parser.parse(self.source).root_node

    def nodes(self, *types: str) -> list[Node]:
        """Return the nodes of these types, in source order."""
        if len(types) == 1:
            return self._of_type(types[0])
        found = [node for kind in types for node in self._of_type(kind)]
        return sorted(found, key=_place)

    def _of_type(self, kind: str) -> list[Node]:
        # Many readers ask the same file for a few nodes each.
        if kind not in self._nodes:
            query = _query(self._parser.language, kind)
            found = QueryCursor(query).captures(self.tree).get("node", [])
            self._nodes[kind] = sorted(found, key=_place)
        return self._nodes[kind]


class Module(Source):
    """One file of Python."""

    def __init__(self, source: bytes) -> None:
        """Remember the text; nothing is parsed yet."""
        super().__init__(source, _PARSER)

    @property
    def has_errors(self) -> bool:
        """Whether any part could not be read as Python."""
        return self.tree.has_error

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import of the file, functions' and conditionals' included."""
        # Kept by the text's digest alone, which is small: each reader of a run, the
        # diagnostics after discovery, asks for the imports of all files.
        if self.digest not in _READ_IMPORTS:
            if len(_READ_IMPORTS) >= _MOST_READ:
                _READ_IMPORTS.clear()
            _READ_IMPORTS[self.digest] = self._read_imports()
        return _READ_IMPORTS[self.digest]

    @cached_property
    def digest(self) -> bytes:
        """What only equal text has; small, so that it can be kept instead of it."""
        return blake2b(self.source, digest_size=16).digest()

    def _read_imports(self) -> tuple[Import, ...]:
        written = written_imports(self.source)
        return self.parsed_imports() if written is None else written

    def parsed_imports(self) -> tuple[Import, ...]:
        """Return the same imports, each by its node."""
        nodes = self.nodes("import_statement", "import_from_statement")
        return tuple(found for node in nodes for found in _imports(node))

    def statement(self, found: Import) -> Node:
        """Return the statement of one of the imports."""
        node = self.tree.descendant_for_byte_range(found.start, found.start + 1)
        while node is not None and not node.type.startswith("import_"):
            node = node.parent
        return self.tree if node is None else node

    @cached_property
    def top_level(self) -> tuple[Node, ...]:
        """The statements of the module, those under ``if`` and ``try`` included."""
        return tuple(_statements(self.tree))

    def assignments(self) -> Iterator[Assignment]:
        """Yield the assignments at module level."""
        for statement in self.top_level:
            yield from assignments_of(statement)

    def functions(self) -> Iterator[Node]:
        """Yield the function definitions at module level."""
        if b"def" not in self.source:
            return
        for statement in self.top_level:
            node = undecorated(statement)
            if node.type == "function_definition":
                yield node

    def classes(self) -> Iterator[Node]:
        """Yield the class definitions at module level."""
        if b"class" not in self.source:
            return
        for statement in self.top_level:
            node = undecorated(statement)
            if node.type == "class_definition":
                yield node

    def binds(self, name: str) -> bool:
        """Return True if the module gives ``name`` a meaning at its top level."""
        return (
            any(found.alias == name for found in self.imports)
            or any(found.target == name for found in self.assignments())
            or any(
                name_of(node) == name for node in (*self.functions(), *self.classes())
            )
        )


@lru_cache
def _query(language: Language | None, kind: str) -> Query:
    if language is None:
        raise ValueError(kind)
    return Query(language, f"({kind}) @node")


@lru_cache(maxsize=_PARSED)
def parse(source: bytes) -> Module:
    """Return source text as a module, parsed once for equal text."""
    return Module(source)


def text(node: Node | None) -> str:
    """Return a node's source."""
    return (
        "" if node is None or node.text is None else node.text.decode(errors="replace")
    )


def line(node: Node) -> int:
    """Return the line that a node begins on, from 1."""
    return node.start_point[0] + 1


def name_of(node: Node) -> str:
    """Return the name of a function or class definition."""
    return text(node.child_by_field_name("name"))


def descendants(node: Node) -> Iterator[Node]:
    """Yield every node below ``node`` in source order."""
    waiting = list(reversed(node.children))
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children))


def calls(node: Node) -> Iterator[Node]:
    """Yield every call below ``node``."""
    return (found for found in descendants(node) if found.type == "call")


def callee(call: Node) -> str:
    """Return what a call calls, as written: ``FastAPI``, ``app.include_router``."""
    return text(call.child_by_field_name("function"))


def arguments(call: Node) -> tuple[list[Node], dict[str, Node]]:
    """Return a call's positional and keyword arguments."""
    listed = call.child_by_field_name("arguments")
    positional: list[Node] = []
    keywords: dict[str, Node] = {}
    for child in listed.named_children if listed is not None else ():
        if child.type == "keyword_argument":
            value = child.child_by_field_name("value")
            if value is not None:
                keywords[text(child.child_by_field_name("name"))] = value
        elif child.type != "comment":
            positional.append(child)
    return positional, keywords


def string_value(node: Node | None) -> str | None:
    """Return the value of a plain string literal; ``None`` for anything else."""
    if node is None or node.type != "string":
        return None
    if any(child.type == "interpolation" for child in node.children):
        return None
    return "".join(text(c) for c in node.children if c.type == "string_content")


def assignments_of(statement: Node) -> Iterator[Assignment]:
    """Yield what one statement assigns to plain names."""
    if statement.type != "expression_statement":
        return
    for child in statement.named_children:
        if child.type == "assignment":
            target = child.child_by_field_name("left")
            value = child.child_by_field_name("right")
            if target is not None and value is not None:
                yield Assignment(target=text(target), value=value, node=statement)


def body_statements(definition: Node) -> Iterator[Node]:
    """Yield the statements of a function or class, nested blocks' included."""
    body = definition.child_by_field_name("body")
    if body is not None:
        yield from _statements(body)


def undecorated(node: Node) -> Node:
    """Return the definition beneath decorators."""
    if node.type == "decorated_definition":
        return node.child_by_field_name("definition") or node
    return node


_BLOCKS = {
    "block",
    "else_clause",
    "elif_clause",
    "except_clause",
    "finally_clause",
    "if_statement",
    "try_statement",
    "with_statement",
}


def _statements(block: Node) -> Iterator[Node]:
    for child in block.named_children:
        if child.type in _BLOCKS:
            yield from _statements(child)
        else:
            yield child


def _imports(node: Node) -> Iterator[Import]:
    origin = node.child_by_field_name("module_name")
    module, level = "", 0
    if origin is not None:
        dotted = text(origin)
        module = dotted.lstrip(".")
        level = len(dotted) - len(module)
    place = {"start": node.start_byte, "line": line(node)}
    for child in node.named_children:
        if child == origin:
            continue
        name, alias = text(child), ""
        if child.type == "aliased_import":
            name = text(child.child_by_field_name("name"))
            alias = text(child.child_by_field_name("alias"))
        elif child.type == "wildcard_import":
            name = "*"
        elif child.type != "dotted_name":
            continue
        if origin is None:
            bound = alias or name.partition(".")[0]
            yield Import(module=name, name="", alias=bound, level=0, **place)
        else:
            yield Import(
                module=module, name=name, alias=alias or name, level=level, **place
            )


def _place(node: Node) -> tuple[int, int]:
    return node.start_byte, -node.end_byte
