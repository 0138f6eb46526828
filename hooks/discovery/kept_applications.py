"""Find applications that an object keeps: ``app = Server().app``.

A class that makes a FastAPI application has members that give it: an attribute, a
property, a method that returns it, or a provider of a container. A name of a module
that is given from such a member is an application that a server can be given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..repository.paths import above
from ..syntax.python import (
    arguments,
    assignments_of,
    body_statements,
    callee,
    line,
    name_of,
    text,
    undecorated,
)
from .application import Application

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.python import Module
    from ..syntax.python_imports import Import
    from .sources import Sources

_SELF = ("self.", "cls.")


class KeptApplications:
    """The classes of a repository that keep an application, and who uses them."""

    def __init__(
        self, sources: Sources, classes: dict[str, set[str]], factories: set[str]
    ) -> None:
        """Look for the classes.

        ``classes`` is what FastAPI is called in each file that mentions it;
        ``factories`` are the functions that make an application.
        """
        self._sources = sources
        # Each class with the members that give its application.
        self._members: dict[str, set[str]] = {}
        # What is one of these classes, holds an object of one, or returns one.
        self._places: set[tuple[str, str]] = set()
        for name, makers in classes.items():
            if "class " not in (sources.repository.text(name) or ""):
                continue
            for definition in sources.module(name).classes():
                written = text(definition)
                # It makes one, or is given one and keeps it.
                called = (f"{word}(" for word in makers | factories)
                given = (f"({word}" for word in makers | factories)
                if not any(part in written for part in (*called, *given)) and (
                    "self." not in written
                    or not any(f": {word}" in written for word in makers)
                ):
                    continue
                module = sources.module(name)
                members = set(_members(module, definition, makers | factories, makers))
                if members:
                    self._members[name_of(definition)] = members
                    self._places.add((name, name_of(definition)))
        if self._members:
            self._add_subclasses()
            self._add_objects()

    def _add_subclasses(self) -> None:
        for name in self._sources.mentioning(*self._members):
            module = self._sources.module(name)
            meant = {found.alias: found.name for found in module.imports}
            for definition in module.classes():
                bases = definition.child_by_field_name("superclasses")
                for base in map(
                    text, bases.named_children if bases is not None else ()
                ):
                    known = base in self._known_in(name)
                    inherited = self._members.get(meant.get(base) or base)
                    if known and inherited is not None:
                        self._members.setdefault(name_of(definition), inherited)
                        self._places.add((name, name_of(definition)))

    def _add_objects(self) -> None:
        """Add what holds or returns an object of these classes."""
        for name in [*self._sources.mentioning(*self._members)]:
            module, known = self._sources.module(name), self._known_in(name)
            for assignment in module.assignments():
                if assignment.value.type == "call" and _root(assignment.value) in known:
                    self._places.add((name, assignment.target))
            for function in module.functions():
                annotated = text(function.child_by_field_name("return_type"))
                returned = [*_returned(function)]
                if annotated.strip("'\"") in known or any(
                    value.type == "call" and callee(value) in known
                    for value in returned
                ):
                    self._places.add((name, name_of(function)))

    def factories(self) -> Iterator[tuple[str, str, int]]:
        """Yield the functions that return such a member: file, name and line."""
        for name, known in self._users():
            for function in self._sources.module(name).functions():
                held = {
                    target
                    for target, value in _local(function).items()
                    if value.type == "call" and _root(value) in known
                }
                if any(self._gives(v, known | held) for v in _returned(function)):
                    yield name, name_of(function), line(function)

    def applications(self) -> Iterator[Application]:
        """Yield the names of modules that are given from such a member."""
        for name, known in self._users():
            for statement in self._sources.module(name).top_level:
                for assignment in assignments_of(statement):
                    if self._gives(assignment.value, known):
                        target, number = assignment.target, line(statement)
                        yield Application(file=name, attr=target, line=number)

    def _users(self) -> Iterator[tuple[str, set[str]]]:
        """Yield the files that use what keeps an application, and its names there."""
        words = {name for _, name in self._places}
        for name in self._sources.mentioning(*words) if words else ():
            if known := self._known_in(name):
                yield name, known

    def _known_in(self, name: str) -> set[str]:
        known = {place for file, place in self._places if file == name}
        words = {place for _, place in self._places}
        return known | {
            found.alias
            for found in self._sources.module(name).imports
            if found.name in words and self._is_one(name, found)
        }

    def _is_one(self, importer: str, found: Import) -> bool:
        """Return True if an import is of such a class or object, as far as it shows."""
        file = imported_from(self._sources, importer, found)
        if file is None:
            return False
        # A package may pass on what one of its modules defines.
        is_passed_on = file.endswith("__init__.py") and found.name in (
            self._sources.repository.text(file) or ""
        )
        return is_passed_on or (file, found.name) in self._places

    def _gives(self, value: Node, known: set[str]) -> bool:
        """Return True for ``x.member`` and ``x.member()`` where ``x`` is known."""
        given = value.child_by_field_name("function") if value.type == "call" else value
        if given is None or given.type != "attribute" or _root(given) not in known:
            return False
        member = text(given.child_by_field_name("attribute"))
        return any(member in members for members in self._members.values())


def imported_from(sources: Sources, importer: str, found: Import) -> str | None:
    """Return the file that an import is from, seen from each folder above it."""
    roots = ["."] if found.level else above(importer.rpartition("/")[0] or ".")
    files = (sources.resolve(root, importer, found) for root in roots)
    return next(filter(None, files), None)


def _members(
    module: Module, definition: Node, makers: set[str], classes: set[str]
) -> Iterator[str]:
    """Yield the members of a class that give the application which it makes."""
    given = {
        text(node.named_children[0])
        for node in _inside(module, definition, "typed_parameter")
        if text(node.child_by_field_name("type")) in classes
    }
    kept = {
        _own(target)
        for node in _inside(module, definition, "assignment")
        if (target := text(node.child_by_field_name("left"))).startswith(_SELF)
        and _is_application(node, makers, classes, given)
    }
    body = definition.child_by_field_name("body")
    statements = body.named_children if body is not None else []
    for statement in statements:
        for assignment in assignments_of(statement):
            node = assignment.value.parent
            provided, _ = arguments(assignment.value)
            is_provider = "." in callee(assignment.value) and any(
                text(one) in makers for one in provided[:1]
            )
            if is_provider or (node and _is_application(node, makers, classes, set())):
                kept.add(assignment.target)
    yield from kept
    for method in map(undecorated, statements):
        if method.type != "function_definition":
            continue
        annotated = text(method.child_by_field_name("return_type"))
        returned = [*_returned(method)]
        makes = any(v.type == "call" and callee(v) in makers for v in returned)
        if annotated in classes or makes or kept & {_own(text(v)) for v in returned}:
            yield name_of(method)


def _inside(module: Module, definition: Node, kind: str) -> Iterator[Node]:
    """Yield the nodes of a kind within a class."""
    for node in module.nodes(kind):
        if definition.start_byte <= node.start_byte < definition.end_byte:
            yield node


def _own(written: str) -> str:
    """Return ``app`` of ``self.app``."""
    return written.removeprefix("self.").removeprefix("cls.")


def _is_application(
    assignment: Node, makers: set[str], classes: set[str], given: set[str]
) -> bool:
    value = assignment.child_by_field_name("right")
    if value is None or text(value) == "None":
        return False
    annotated = text(assignment.child_by_field_name("type"))
    makes = value.type == "call" and callee(value) in makers
    return annotated in classes or makes or text(value) in given


def _local(function: Node) -> dict[str, Node]:
    """Return the last value of each local variable of a function."""
    statements = body_statements(function)
    return {a.target: a.value for s in statements for a in assignments_of(s)}


def _returned(function: Node) -> Iterator[Node]:
    """Yield what a function returns; for a local variable, its value."""
    given = _local(function)
    for statement in body_statements(function):
        if statement.type == "return_statement" and statement.named_children:
            value = statement.named_children[0]
            yield given.get(text(value), value)


def _root(node: Node) -> str:
    """Return the name that an expression begins with: ``a`` of ``a(1).b().c``."""
    while node.type in {"call", "attribute"}:
        inside = node.child_by_field_name(
            "function" if node.type == "call" else "object"
        )
        if inside is None:
            break
        node = inside
    return text(node)
