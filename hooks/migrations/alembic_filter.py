"""The filter in Alembic's ``env.py`` that hides the auth tables from autogenerate.

Before::

    context.configure(connection=connection, target_metadata=target_metadata)

After::

    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        include_object=leave_auth_tables,
    )
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..syntax.python import arguments, callee, descendants, name_of, text
from ..syntax.python_edits import Insertion, added_keyword, spliced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tree_sitter import Node

    from ..syntax.python import Module

FILTER = "leave_auth_tables"
PREFIX = "auth_"
_HOOKS = ("include_name", "include_object")
_WIDTH = 88
_FUNCTION = (
    f"def {FILTER}(\n"
    "    object_: object, name: object, type_: str, reflected: bool, _: object\n"
    ") -> bool:\n"
    '    """Hide the auth server\'s tables, which are not among the models."""\n'
    '    return type_ != "table" or not {hidden}\n\n\n'
)
_HIDDEN = f'str(name).startswith("{PREFIX}")'


def configure_calls(module: Module) -> list[Node]:
    """Return every call of ``context.configure``."""
    called = [c for c in module.nodes("call") if callee(c).endswith("configure")]
    return [c for c in called if "context" in callee(c)]


def filters_of(call: Node) -> list[Node]:
    """Return the filters that a call of ``context.configure`` is given."""
    _, keywords = arguments(call)
    return [keywords[name] for name in _HOOKS if name in keywords]


def names_auth_tables(
    module: Module, hook: Node, others: Collection[str] = ()
) -> bool | None:
    """Return True if a filter speaks of the auth tables; None if it is elsewhere.

    ``others`` are those whose names begin otherwise.
    """
    if hook.type == "lambda":
        return _has_all([text(hook)], _strings(hook), others)
    definition = next((f for f in module.functions() if name_of(f) == text(hook)), None)
    if definition is None:
        return None
    names = {text(n) for n in descendants(definition) if n.type == "identifier"}
    values = [a.value for a in module.assignments() if a.target in names]
    strings = [one for node in (definition, *values) for one in _strings(node)]
    return _has_all([*map(text, values), *strings], strings, others)


def _has_all(
    texts: Iterable[str], strings: Collection[str], others: Collection[str]
) -> bool:
    """Return True if the prefix is in a text, and each other name a whole string."""
    return any(PREFIX in one for one in texts) and {*others} <= {*strings}


def _strings(node: Node) -> list[str]:
    return [text(n) for n in descendants(node) if n.type == "string_content"]


def otherwise_named(tables: Iterable[str]) -> tuple[str, ...]:
    """Return the tables that the filter must know by their whole names."""
    return tuple(name for name in tables if not name.startswith(PREFIX))


def with_filter(
    module: Module, open_: list[Node], others: Collection[str] = ()
) -> bytes | None:
    """Return ``env.py`` with the filter in every ``context.configure``."""
    insertions: list[Insertion] = []
    for call in open_:
        listed = call.child_by_field_name("arguments")
        given = _given(listed)
        if listed is None or not given:
            return None
        insertions += _with_keyword(module.source, listed, given)
    if not module.binds(FILTER):
        begin = _first_user(module, open_)
        insertions.append(Insertion(offset=begin, text=_function(others)))
    return spliced(module.source, insertions)


def _function(others: Collection[str]) -> str:
    if not others:
        return _FUNCTION.replace("{hidden}", _HIDDEN)
    names = [f'"{name}"' for name in others]
    hidden = f"{_HIDDEN} or name in {{{', '.join(names)}}}"
    short = _FUNCTION.replace("{hidden}", f"({hidden})")
    if max(map(len, short.splitlines())) <= _WIDTH:
        return short
    line = f"        {hidden}\n"
    if len(line) > _WIDTH + 1:
        listed = "".join(f"            {name},\n" for name in names)
        line = f"        {_HIDDEN}\n        or name\n        in {{\n{listed}"
        line += "        }\n"
    return _FUNCTION.replace("{hidden}", f"(\n{line}    )")


def _given(listed: Node | None) -> list[Node]:
    """Return the arguments of a call; comments are listed among them."""
    found = [] if listed is None else listed.named_children
    return [node for node in found if node.type != "comment"]


def _first_user(module: Module, open_: list[Node]) -> int:
    """Return where the first top-level statement that configures begins."""
    first = min(call.start_byte for call in open_)
    for statement in module.tree.named_children:
        if statement.start_byte <= first < statement.end_byte:
            return statement.start_byte
    return 0


def _with_keyword(source: bytes, listed: Node, given: list[Node]) -> list[Insertion]:
    """Add the keyword to the last line, or below it; a line that is full is parted."""
    keyword = f"include_object={FILTER}"
    added = added_keyword(source, given[-1], keyword)
    start, end = listed.start_byte, listed.end_byte
    if any(insertion.text.startswith("\n") for insertion in added) or len(given) < len(
        listed.named_children
    ):
        return added
    line_start = source.rfind(b"\n", 0, start) + 1
    line_end = source.find(b"\n", start)
    width = (line_end if line_end >= 0 else len(source)) - line_start
    if width + len(added[0].text) <= _WIDTH:
        return added
    outer = source[line_start:start].decode()
    margin = outer[: len(outer) - len(outer.lstrip())]
    lines = [*(text(node) for node in given), keyword]
    inner = "".join(f"{margin}    {one},\n" for one in lines)
    return [Insertion(offset=start, text=f"(\n{inner}{margin})", replaces=end - start)]
