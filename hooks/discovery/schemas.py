"""Find the schema that a project keeps its tables in, where it is not the usual one.

The auth tables follow the project's metadata or search path in its own migrations, but
the auth server and its look-ups have connections of their own, which know of neither.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..syntax.python import arguments, callee, line, string_value, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from .application import Application
    from .sources import Sources

_PATH = re.compile(
    r"""(?ix)search_path["']?\s*(?:TO\b|=|:|,|%3D)\s*["']?\s*([\w"]+|[{%$][^\s'"]*)?"""
)
# What `_named` looks for, so that no other file is parsed.
_SPEAKS_OF_SCHEMAS = (
    *("MetaData(", "metadata.schema", "schema_translate_map"),
    *("search_path", "SEARCH_PATH", "Search_Path"),
)
# A part of each, in fewer words: all code is searched for these.
_ABOUT_SCHEMAS = ("schema", "earch_", "SEARCH_")
_USUAL = {"", "public", "none", '"$user"', "$user"}
_AT_RUN = "a schema that only a run knows"
_TRANSLATED = "schema_translate_map"


def find_schema(
    sources: Sources, application: Application, env: str | None
) -> Fact[str]:
    """Return the schema's name as it is written: a literal, or an expression."""
    code = sources.mentioning(*_ABOUT_SCHEMAS, below=application.import_root)
    for name in dict.fromkeys([env, *code] if env else code):
        source = sources.repository.text(name) or ""
        if not any(word in source for word in _SPEAKS_OF_SCHEMAS):
            continue
        for node, schema in _named(sources, name):
            if schema.lower() not in _USUAL:
                known = f"the schema {schema}"
                why = f"keeps tables in {_AT_RUN if '%' in schema else known}"
                place = Evidence(path=name, line=line(node), why=why)
                return Fact(
                    value=schema, confidence=Confidence.LIKELY, evidence=(place,)
                )
    return Fact()


def _named(sources: Sources, name: str) -> Iterator[tuple[Node, str]]:
    module = sources.module(name)
    for call in module.nodes("call"):
        if callee(call).rpartition(".")[2] != "MetaData" or _within_function(call):
            continue
        schema = arguments(call)[1].get("schema")
        if schema is not None:
            literal = string_value(schema)
            yield call, text(schema) if literal is None else literal
    for node in module.nodes("assignment"):
        target = text(node.child_by_field_name("left"))
        if target.endswith("metadata.schema"):
            value = node.child_by_field_name("right")
            yield node, string_value(value) or text(value)
    for node in module.nodes("identifier", "string_content"):
        if text(node) == _TRANSLATED:
            yield node, f"of a {_TRANSLATED}"
    for string in module.nodes("string"):
        if (found := _PATH.search(text(string))) or _is_key(string, "search_path"):
            yield string, _path(string, found)


def _is_key(string: Node, name: str) -> bool:
    """Return True for the key of an entry; a word alone says nothing."""
    parent = string.parent
    return (
        text(string).strip("'\"") == name
        and parent is not None
        and parent.type == "pair"
        and parent.child_by_field_name("key") == string
    )


def _path(string: Node, found: re.Match[str] | None) -> str:
    """Return the first schema of a search path, in the string or next to it."""
    if found is not None and found[1]:
        return found[1].strip('"')
    parent = string.parent
    value = parent.child_by_field_name("value") if parent is not None else None
    if value is not None and parent is not None and parent.type == "pair":
        literal = string_value(value)
        return text(value) if literal is None else literal.partition(",")[0].strip()
    return "of its search_path"


def _within_function(node: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.type != "function_definition":
        parent = parent.parent
    return parent is not None
