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

from ..repository.syntax import Module, callee

if TYPE_CHECKING:
    from tree_sitter import Node

FILTER = "leave_auth_tables"
_PREFIX = "auth_"
_WIDTH = 88


def configure_calls(module: Module) -> list[Node]:
    """Return every call of ``context.configure``."""
    called = [c for c in module.nodes("call") if callee(c).endswith("configure")]
    return [c for c in called if "context" in callee(c)]


def with_filter(module: Module, open_: list[Node]) -> bytes | None:
    """Return ``env.py`` with the filter in every ``context.configure``."""
    source = module.source
    for call in sorted(open_, key=lambda c: c.start_byte, reverse=True):
        listed = call.child_by_field_name("arguments")
        if listed is None or not listed.named_children:
            return None
        source = _with_keyword(source, listed)
    if not module.binds(FILTER):
        begin = _first_user(module, open_)
        source = source[:begin] + _function() + source[begin:]
    return None if Module(source).has_errors else source


def _first_user(module: Module, open_: list[Node]) -> int:
    """Return where the first top-level statement that configures begins."""
    first = min(call.start_byte for call in open_)
    for statement in module.tree.named_children:
        if statement.start_byte <= first < statement.end_byte:
            return statement.start_byte
    return 0


def _function() -> bytes:
    return (
        f"def {FILTER}(\n"
        "    object_: object, name: object, type_: str, reflected: bool, _: object\n"
        ") -> bool:\n"
        '    """Hide the auth server\'s tables, which are not among the models."""\n'
        f'    return type_ != "table" or not str(name).startswith("{_PREFIX}")\n\n\n'
    ).encode()


def _with_keyword(source: bytes, listed: Node) -> bytes:
    last = listed.named_children[-1]
    keyword = f"include_object={FILTER}".encode()
    comma = source[last.end_byte : listed.end_byte].lstrip().startswith(b",")
    line_start = source.rfind(b"\n", 0, last.start_byte) + 1
    indent = source[line_start : last.start_byte]
    if listed.start_point[0] != listed.end_point[0] and not indent.strip():
        at = source.index(b",", last.end_byte) + 1 if comma else last.end_byte
        separator = b"" if comma else b","
        return source[:at] + separator + b"\n" + indent + keyword + b"," + source[at:]
    line_start = source.rfind(b"\n", 0, listed.start_byte) + 1
    in_one = source[: last.end_byte] + b", " + keyword + source[last.end_byte :]
    end = in_one.find(b"\n", listed.start_byte)
    if (end if end >= 0 else len(in_one)) - line_start <= _WIDTH:
        return in_one
    outer = source[line_start : listed.start_byte]
    margin = outer[: len(outer) - len(outer.lstrip())]
    parts = [source[n.start_byte : n.end_byte] for n in listed.named_children]
    inner = b"".join(margin + b"    " + p + b",\n" for p in [*parts, keyword])
    return (
        source[: listed.start_byte]
        + b"(\n"
        + inner
        + margin
        + b")"
        + source[listed.end_byte :]
    )
