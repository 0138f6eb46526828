"""Where lines about the application are written by hand, if no edit is safe there.

Each line is about the name that the application has at that place::

    app = FastAPI()              # below it, or at the end of the module
    def create_app():
        return build(FastAPI())  # given a name first
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ..fastapi_code.router_place import made_here
from ..model import ManualStep, Place, Where
from ..syntax.python import (
    arguments,
    calls,
    descendants,
    name_of,
    parse,
    string_value,
    text,
)
from .by_hand import indentation, next_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from ..fastapi_code.router_place import Code, RouterPlace
    from ..syntax.python import Module

    Lines = Callable[[str], str]


def places_on_application(
    code: Code, path: str, attribute: str, lines: Lines
) -> Iterator[tuple[str, Place, str]]:
    """Yield file, place and text wherever the application is made or handed out.

    ``lines`` returns what is written there, given what the application is called.
    """
    module = parse(code.read(path) or b"")
    yield from _places(code, path, module, attribute, lines)


def at_router_place(
    place: RouterPlace, snippet: str, *, operation: str, why: str
) -> ManualStep:
    """Return the step next to the statement that an edit would have gone to."""
    source = place.module.source
    return ManualStep(
        operation=operation,
        path=place.path,
        why=why,
        snippet=textwrap.indent(snippet, indentation(source, place.anchor)),
        place=next_to(source, place.anchor, above=place.before_anchor),
    )


def _places(
    code: Code, path: str, module: Module, attribute: str, lines: Lines
) -> Iterator[tuple[str, Place, str]]:
    source = module.source
    if made := made_here(path, module, attribute):
        snippet = textwrap.indent(lines(made.owner), indentation(source, made.made))
        yield path, next_to(source, made.made, above=False), snippet
        return
    if function := _function(module, attribute):
        for statement in _returned(function):
            place, snippet = _at_return(source, statement, lines)
            yield path, place, snippet
        return
    if found := code.imported(path, module, attribute):
        yield from _places(code, *found, lines)
        return
    yield path, *_in_module(module, attribute, lines)


def _in_module(module: Module, attribute: str, lines: Lines) -> tuple[Place, str]:
    """Return a place below all that the module does with the application.

    Only what runs a server, or answers every path, stays below.
    """
    for statement in module.tree.named_children:
        if _is_last(statement, attribute):
            return next_to(module.source, statement, above=True), lines(attribute)
    return Place(where=Where.END), lines(attribute)


def _is_last(statement: Node, attribute: str) -> bool:
    if statement.type == "if_statement":
        return "__main__" in text(statement.child_by_field_name("condition"))
    return statement.type == "expression_statement" and any(
        text(call.child_by_field_name("function")) == f"{attribute}.mount"
        and string_value(next(iter(arguments(call)[0]), None)) in {"/", ""}
        for call in calls(statement)
    )


def _at_return(source: bytes, statement: Node, lines: Lines) -> tuple[Place, str]:
    """Write above ``return app``; give what else is returned a name first."""
    margin = indentation(source, statement)
    value = statement.named_children[0]
    if value.type == "identifier":
        place = next_to(source, statement, above=True)
        return place, textwrap.indent(lines(text(value)), margin)
    rows = source.decode("utf-8", "replace").splitlines()
    first, last = statement.start_point[0], statement.end_point[0]
    written = "\n".join(rows[first : last + 1])
    snippet = written.replace("return ", "app = ", 1)
    snippet += "\n" + textwrap.indent(f"{lines('app')}\nreturn app", margin)
    place = Place(where=Where.INSTEAD, anchor=written, line=first + 1)
    return place, snippet


def _returned(function: Node) -> list[Node]:
    """Return the statements that hand something out, those of inner ones left out."""
    inner = [
        (node.start_byte, node.end_byte)
        for node in descendants(function)
        if node.type in {"function_definition", "lambda", "class_definition"}
    ]
    return [
        node
        for node in descendants(function)
        if node.type == "return_statement"
        and node.named_children
        and not any(begin <= node.start_byte < end for begin, end in inner)
    ]


def _function(module: Module, name: str) -> Node | None:
    return next((f for f in module.functions() if name_of(f) == name), None)
