"""Read the port that a front end's configuration file gives to its own server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..syntax.python import text
from ..syntax.typescript import (
    Json,
    arguments,
    literal,
    parse_script,
    string_value,
    unwrapped,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..syntax.typescript import Script

# vite.config.ts, nuxt.config.ts and others name it so, with or without a variable.
_SCRIPTS = re.compile(
    r"(?:vite|nuxt|astro|vue|svelte|app|rsbuild|farm)\.config\.\w{2,3}"
)
_ANGULAR = "angular.json"
_SERVERS = ("server", "devServer")
_VARIABLE = re.compile(
    r"(?:process\.|import\.meta\.)?\benv(?:\.(\w{1,60})|\[[\"'](\w{1,60})[\"']\])"
)
# How many constants and fallbacks a port may be behind.
_DEPTH = 9


@dataclass(frozen=True, kw_only=True)
class ConfiguredPort:
    """A port as it is written: a number, or the variable that has it."""

    number: int | None = None
    variable: str = ""
    line: int
    is_only: bool = True


def is_configuration(name: str) -> bool:
    """Return True if a file of this name can give the port."""
    return name == _ANGULAR or _SCRIPTS.fullmatch(name) is not None


def configured_ports(name: str, content: str) -> Iterator[ConfiguredPort]:
    """Yield the ports of the configuration ``name``, the first that counts first."""
    if name == _ANGULAR:
        yield from _of_angular(Json(content.encode()))
        return
    script = parse_script(content.encode())
    if any(node.type == "labeled_statement" for node in script.tree.named_children):
        # Entries without the braces around them.
        script = parse_script(f"_={{{content}}}".encode())
    for holder in script.nodes("object"):
        # The options of a plugin, of a test or of a nested tool are below an entry.
        if _is_in_entry(holder):
            continue
        for name_ in _SERVERS:
            server = _resolved(script, value_at(holder, name_))
            yield from _written(script, value_at(server, "port"), _DEPTH)


def _is_in_entry(node: Node) -> bool:
    above = node.parent
    while above is not None and above.type != "pair":
        above = above.parent
    return above is not None


def _resolved(script: Script, node: Node | None) -> Node | None:
    """Return the object that a constant names, or that a function returns."""
    if node is not None and node.type in {
        "identifier",
        "shorthand_property_identifier",
    }:
        node = _constant(script, text(node))
    if node is not None and node.type == "arrow_function":
        node = unwrapped(node.child_by_field_name("body"))
    return node


def _constant(script: Script, name: str) -> Node | None:
    for declared in script.nodes("variable_declarator"):
        if text(declared.child_by_field_name("name")) == name:
            return unwrapped(declared.child_by_field_name("value"))
    return None


def _written(script: Script, node: Node | None, depth: int) -> Iterator[ConfiguredPort]:
    """Yield what an expression can give: a variable, then what it falls back to."""
    if node is None or not depth:
        return
    line = node.start_point.row + 1
    match node.type:
        case "number" | "string" | "template_string":
            written = string_value(node) or text(node)
            if written.isdecimal() and len(written) <= 5:  # noqa: PLR2004 - digits
                yield ConfiguredPort(number=int(written), line=line)
        case "member_expression" | "subscript_expression":
            if found := _VARIABLE.fullmatch(text(node)):
                yield ConfiguredPort(variable=found[1] or found[2], line=line)
        case "identifier" | "shorthand_property_identifier":
            yield from _written(script, _constant(script, text(node)), depth - 1)
        case _:
            for part in _alternatives(node):
                yield from _written(script, unwrapped(part), depth - 1)


def _alternatives(node: Node) -> list[Node]:
    match node.type:
        case "call_expression":
            return arguments(node)[:1]  # Number(...), parseInt(..., 10)
        case "unary_expression":
            fields = ["argument"]
        case "binary_expression":
            if text(node.child_by_field_name("operator")) not in {"||", "??"}:
                return []
            fields = ["left", "right"]
        case "ternary_expression":
            fields = ["consequence", "alternative"]
        case "non_null_expression":
            return node.named_children[:1]
        case _:
            return []
    found = (node.child_by_field_name(field) for field in fields)
    return [part for part in found if part is not None]


def _of_angular(content: Json) -> Iterator[ConfiguredPort]:
    """Yield the port of each project that can be served."""
    projects = value_at(content.root, "projects")
    found: list[tuple[int, int]] = []
    for project in projects.named_children if projects is not None else ():
        value = project.child_by_field_name("value")
        for targets in ("architect", "targets"):
            serve = value_at(value, targets, "serve")
            chosen = literal(value_at(serve, "defaultConfiguration"))
            for place in (("configurations", str(chosen)), ("options",)):
                node = value_at(serve, *place, "port")
                port = literal(node)
                if node is not None and isinstance(port, float) and port.is_integer():
                    found.append((int(port), node.start_point.row + 1))
                    break
    is_only = len({port for port, _ in found}) == 1
    for port, line in found:
        yield ConfiguredPort(number=port, line=line, is_only=is_only)
