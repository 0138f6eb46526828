"""The only way to YAML: what a person would write, and nothing that grows.

Ten lines of aliases can stand for more than a machine holds, and brackets can be nested
deeper than any reader goes. Both are refused like what is no YAML.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.nodes import Node

__all__ = ["YAMLError", "load_yaml"]

_MOST_CHARACTERS = 300_000
# Every alias counted as what it stands for.
_MOST_NODES = 50_000
_DEEPEST = 60


def load_yaml(text: str, *, keep_places: bool = False) -> object:
    """Return what a YAML text says; ``keep_places`` keeps lines and comments with it.

    Raises ``YAMLError`` for what is no YAML, and for what is too large to be read.
    """
    if len(text) > _MOST_CHARACTERS or _depth(text) > _DEEPEST:
        message = "too large, or too deeply nested"
        raise YAMLError(message)
    try:
        root = YAML(typ="safe", pure=True).compose(io.StringIO(text))
        if _size(root, {}) > _MOST_NODES:
            message = "its aliases stand for too much"
            raise YAMLError(message)
        reader = YAML() if keep_places else YAML(typ="safe", pure=True)
        loaded: object = reader.load(io.StringIO(text))
    except (RecursionError, ValueError, OverflowError) as error:
        message = "it cannot be read"
        raise YAMLError(message) from error
    return loaded


def _depth(text: str) -> int:
    """Return how many brackets and list signs can at most be open at once."""
    opened = deepest = 0
    for line in text.split("\n"):
        dashes = len(line) - len(line.lstrip("- \t?"))
        deepest = max(deepest, opened + line[:dashes].count("-"), line.count("- -"))
        for character in line:
            if character in "[{":
                opened += 1
                deepest = max(deepest, opened)
            elif character in "]}":
                opened = max(0, opened - 1)
    return deepest


def _size(node: Node | None, known: dict[int, int]) -> int:
    """Return how many nodes there are when each alias is written out."""
    if node is None:
        return 0
    if id(node) not in known:
        known[id(node)] = _MOST_NODES + 1  # for an alias within what it names
        known[id(node)] = 1 + sum(_size(child, known) for child in _children(node))
    return known[id(node)]


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from (key, value)
    elif isinstance(node, SequenceNode):
        yield from node.value
