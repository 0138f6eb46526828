"""Find the names that lead to what CORS middleware is given.

``allow_origins=settings.all_origins`` may be a property that joins two settings, one of
which is a variable of the environment. Each of these names is followed, a few steps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..syntax.python import name_of, string_value, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from .sources import Sources

_STRING = re.compile(r"[\"'][^\"'\n]{0,999}[\"']")
# No keyword of a call, which only names what is given there.
_NAME = re.compile(r"[A-Za-z_][\w.]{0,199}(?![\w.])(?!\s{0,9}=[^=])")
_LOOP = re.compile(r"\bfor\s{1,9}(\w{1,99})\s")
# What only holds or changes the values.
_NO_NAME = re.compile(
    r"(?i)self|cls|app|os|json|(?:get_)?(?:settings?|config|env)|environ|getenv|get|str"
    r"|list|set|tuple|r?strip|split|loads|append|extend|any\w{0,9}url|field|default"
    r"|none|true|false|if|else|for|in|or|and|not|is|lambda|return|len|origin|\w{1,2}"
)
_ASIDE = re.compile(r"\"\"\"[^\"]{0,9999}\"\"\"|#[^\n]{0,999}")
# A function has many names; after the first step only these are followed.
_LEADS = re.compile(r"(?i)origin|cors|host|url|domain|front|client|web|site|allow")
_ENVIRONMENT = re.compile(r"[A-Z][A-Z\d_]{2,79}")
_STEPS = 3


def leading_names(sources: Sources, files: Sequence[str]) -> frozenset[str]:
    """Return the names of variables, settings and functions, followed from each other.

    Among them are those of environment variables, as the code names them.
    """
    found: set[str] = set()
    new = {
        name
        for _, value in given(sources, files, frozenset({"allow_origins"}))
        for name in _names(value)
    }
    for _ in range(_STEPS):
        found |= new
        new = {
            name
            for _, value in given(sources, files, frozenset(new))
            for name in _names(value)
            if _LEADS.search(name)
        } - found
    return frozenset(found - {"allow_origins"})


def given(
    sources: Sources, files: Sequence[str], names: frozenset[str]
) -> Iterator[tuple[str, Node]]:
    """Yield what has one of these names: the file, and a value or a function's body."""
    for file in files if names else ():
        content = sources.repository.text(file) or ""
        if not any(name in content for name in names):
            continue
        module = sources.module(file)
        for node in module.nodes("keyword_argument", "assignment", "pair"):
            key, value = _parts(node)
            if value is not None and key in names:
                yield file, value
        for function in module.nodes("function_definition"):
            body = function.child_by_field_name("body")
            if body is not None and name_of(function) in names:
                yield file, body


def _parts(node: Node) -> tuple[str, Node | None]:
    """Return the name that a value is given to, and the value."""
    if node.type == "assignment":
        left = text(node.child_by_field_name("left"))
        return left.rpartition(".")[2], node.child_by_field_name("right")
    field = "name" if node.type == "keyword_argument" else "key"
    key = node.child_by_field_name(field)
    value = node.child_by_field_name("value")
    named = string_value(key) if key is not None and node.type == "pair" else text(key)
    return named or "", value


def _names(value: Node) -> Iterator[str]:
    """Yield what a value takes its parts from; of ``settings.origins``, the last."""
    written = _ASIDE.sub("", text(value))
    loops = {*_LOOP.findall(written)}
    for string in _STRING.findall(written):
        if _ENVIRONMENT.fullmatch(string[1:-1]):
            yield string[1:-1]
    for dotted in _NAME.findall(_STRING.sub("", written)):
        parts = dotted.split(".")
        meant = [part for part in parts[-2:] if not _NO_NAME.fullmatch(part)]
        if meant and meant[-1] and meant[-1] not in loops:
            yield meant[-1]
