"""Read the columns of a table from its class: its own, its mixins', its library's.

SQLAlchemy's ``Column`` and ``Mapped``, SQLModel's fields, and the base classes of
libraries that bring columns without a line of the repository.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Evidence
from ..syntax.python import (
    arguments,
    body_statements,
    callee,
    calls,
    line,
    name_of,
    string_value,
    text,
    undecorated,
)
from .column_kinds import bare_type, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from .class_hierarchy import Class, Hierarchy

_MAKERS = frozenset({"Column", "mapped_column", "Field"})
_PRIMARY = re.compile(r"\bprimary_key\s{0,9}=\s{0,9}True\b")
_UNIQUE = re.compile(r"\bunique\s{0,9}=\s{0,9}True\b")
_IN_COLUMN = re.compile(r"\bForeignKey\b|\bSequence\b|\bIdentity\b|\bComputed\b")
# What fastapi-users puts into a table: https://fastapi-users.github.io/fastapi-users/
_OF_FASTAPI_USERS = {
    "email": "text",
    "hashed_password": "text",
    "is_active": "boolean",
    "is_superuser": "boolean",
    "is_verified": "boolean",
}
_FASTAPI_USERS = re.compile(
    r"\b(SQLAlchemyBaseUserTableUUID|SQLModelBaseUserDB"
    r"|SQLAlchemyBaseUserTable)\b(?:\[([\w.]{1,99})\])?"
)
# Bases of advanced-alchemy and of what came before it, by the kind of their id.
_BASES_WITH_ID = (
    (re.compile(r"\bUUID(?:v[67])?(?:Audit)?Base\b"), "uuid"),
    (re.compile(r"\bBigInt(?:Audit)?Base\b"), "integer"),
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its name in the database, its attribute, and what it holds.

    ``kind`` is empty where the type is not known.
    """

    name: str
    attribute: str
    kind: str
    is_primary: bool
    is_unique: bool = False
    evidence: Evidence


def class_columns(hierarchy: Hierarchy, one: Class) -> list[Column]:
    """Return the columns of a class; what the nearest class says of one counts."""
    chain = [one, *hierarchy.above(one)]
    is_sqlmodel = any("table=True" in _bases(each).replace(" ", "") for each in chain)
    found: dict[str, Column] = {}
    for each in chain:
        for column in _own(hierarchy, each, is_sqlmodel=is_sqlmodel):
            found.setdefault(column.attribute, column)
        for column in _of_libraries(each):
            found.setdefault(column.attribute, column)
    return [*found.values()]


def table_columns(hierarchy: Hierarchy, file: str, table: Node) -> list[Column]:
    """Return the columns of ``Table("users", metadata, Column(...), ...)``."""
    given, _ = arguments(table)
    columns = (n for n in given if n.type == "call" and callee(n).endswith("Column"))
    read = (_column(hierarchy, file, "", "", node) for node in columns)
    return [column for column in read if column is not None]


def _bases(one: Class) -> str:
    return text(one.node.child_by_field_name("superclasses"))


def _own(hierarchy: Hierarchy, one: Class, *, is_sqlmodel: bool) -> Iterator[Column]:
    for statement in body_statements(one.node):
        node = undecorated(statement)
        if node.type == "function_definition" and "declared_attr" in text(statement):
            value = next((c for c in calls(node) if _makes(c)), None)
            annotation = text(node.child_by_field_name("return_type"))
            named = name_of(node)
            if value is None:
                continue
        elif node.type == "expression_statement" and node.named_children:
            assigned = node.named_children[0]
            if assigned.type != "assignment":
                continue
            value = assigned.child_by_field_name("right")
            annotation = text(assigned.child_by_field_name("type"))
            named = text(assigned.child_by_field_name("left"))
        else:
            continue
        if _is_column(annotation, value, is_sqlmodel=is_sqlmodel):
            column = _column(hierarchy, one.file, named, annotation, value or node)
            if column is not None:
                yield column


def _makes(node: Node | None) -> bool:
    made = callee(node).rpartition(".")[2] if node and node.type == "call" else ""
    return made in _MAKERS


def _is_column(annotation: str, value: Node | None, *, is_sqlmodel: bool) -> bool:
    """Return True if an attribute is a column, and no relationship or plain value."""
    if _makes(value):
        return True
    if not annotation or "ClassVar" in annotation:
        return False
    is_call = value is not None and value.type == "call"
    if "Mapped[" in annotation:
        # A relationship says so by a call, or by what it holds.
        return not is_call and bool(kind_of(annotation) or "int" in annotation)
    return is_sqlmodel and not is_call


def _column(
    hierarchy: Hierarchy, file: str, attribute: str, annotation: str, node: Node
) -> Column | None:
    """Return what one definition says; None for a column that is given no name."""
    given, keywords = arguments(node) if node.type == "call" else ([], {})
    inner = keywords.get("sa_column")
    whole = text(node)
    if inner is not None and inner.type == "call":
        given, keywords = arguments(inner)
    name = string_value(given[0]) if given else None
    if name is None and (named := keywords.get("name")) is not None:
        name = string_value(named)
    if name is None and (more := keywords.get("sa_column_kwargs")) is not None:
        renamed = re.search(r"[\"']name[\"']\s{0,9}:\s{0,9}[\"'](\w{1,63})", text(more))
        name = renamed[1] if renamed else None
    typed = _type(given, keywords)
    made, alias = _kind(hierarchy, file, typed or annotation)
    if not made and typed:
        made, alias = _kind(hierarchy, file, annotation)
    if not (name or attribute):
        return None
    return Column(
        name=name or attribute,
        attribute=attribute or name or "",
        kind=made,
        is_primary=_PRIMARY.search(f"{annotation} {whole} {alias}") is not None,
        is_unique=_UNIQUE.search(whole) is not None,
        evidence=Evidence(path=file, line=line(node), why="is the column"),
    )


def _type(given: list[Node], keywords: dict[str, Node]) -> str:
    """Return the type that a column is given, as it is written."""
    named = keywords.get("sa_type") or keywords.get("type_")
    if named is not None:
        return text(named)
    for node in given:
        if node.type != "string" and not _IN_COLUMN.search(text(node)):
            # Field's first argument is its default.
            is_type = node.type in {"identifier", "attribute", "call"}
            return text(node) if is_type else ""
    return ""


def _kind(hierarchy: Hierarchy, file: str, written: str) -> tuple[str, str]:
    """Return what a type holds; a name of the project's own is looked up once.

    The second value is what that name was given, which may say more of the column.
    """
    if (kind := kind_of(written)) or not written:
        return kind, ""
    wanted = bare_type(written)
    module = hierarchy.sources.module(file)
    for found in module.imports:
        if found.alias == wanted:
            root = hierarchy.import_root
            target = hierarchy.sources.resolve(root, file, found)
            if target is None:
                return "", ""
            module, wanted = hierarchy.sources.module(target), found.name
            break
    for assigned in module.assignments():
        if assigned.target == wanted:
            value = text(assigned.value)
            if callee(assigned.value).rpartition(".")[2] == "NewType":
                value = text(arguments(assigned.value)[0][-1])
            return kind_of(value), value
    return "", ""


def _of_libraries(one: Class) -> Iterator[Column]:
    bases = _bases(one)
    at = Evidence(path=one.file, line=line(one.node), why="is a base that brings it")
    template = Column(name="", attribute="", kind="", is_primary=False, evidence=at)
    if found := _FASTAPI_USERS.search(bases):
        has_id = found[1] != "SQLAlchemyBaseUserTable"
        kind = "uuid" if has_id else kind_of(found[2] or "")
        yield replace(template, name="id", attribute="id", kind=kind, is_primary=True)
        for name, kept in _OF_FASTAPI_USERS.items():
            yield replace(template, name=name, attribute=name, kind=kept)
    for pattern, kind in _BASES_WITH_ID:
        if pattern.search(bases):
            named = replace(template, name="id", attribute="id", kind=kind)
            yield replace(named, is_primary=True)
