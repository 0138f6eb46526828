"""Describe each table of people: what its columns mean, and how passwords are kept.

Read from models; where no class maps the table, from what makes it in SQL or in a
revision. What is not sure is left empty, as an import rests on it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..fastapi_code.auth_package import is_auth_package
from ..migrations.alembic_columns import alembic_columns
from ..migrations.sql_columns import sql_columns, upward
from ..model import Confidence, Evidence, Fact, UserTable
from ..repository.paths import is_below
from ..syntax.python import (
    arguments,
    assignments_of,
    body_statements,
    callee,
    line,
    text,
)
from .class_hierarchy import Class, Hierarchy
from .column_kinds import kind_of
from .column_parts import with_parts
from .model_tables import model_tables
from .password_hashes import find_hashing
from .sources import dotted_name
from .table_columns import Column, class_columns, table_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..fastapi_code.import_graph import Loaded
    from .application import Application
    from .password_hashes import Hashing
    from .sources import Sources

_SCHEMA = re.compile(r"[\"']schema[\"']\s{0,9}:\s{0,9}[\"'](\w{1,63})[\"']")
_OURS = "auth_user"


def describe_user_tables(
    sources: Sources,
    application: Application,
    loaded: Loaded,
    found: Fact[tuple[str, ...]],
    usual_schema: str,
) -> Fact[tuple[UserTable, ...]]:
    """Return each of the tables that were ``found``, without better-auth's own."""
    if not found.value:
        return Fact(problem=found.problem)
    root = application.import_root
    hierarchy = Hierarchy(sources, root)
    hashing = find_hashing(sources, loaded, root)
    tables: list[UserTable] = []
    evidence: list[Evidence] = []
    for name in found.value:
        described = _described(hierarchy, found, name)
        if described is None:
            continue
        table, columns, place = described
        if not table.schema and usual_schema.isidentifier():
            table = replace(table, schema=usual_schema)
        table = with_parts(table, columns)
        keys = [*_references(sources, table, root)]
        table = replace(table, references=len(keys))
        ways = hashing if table.password else []
        schemes = {way.scheme for way in ways}
        tables.append(
            replace(
                table,
                # The code hashes in several ways, and a row may have any of them.
                scheme=schemes.pop() if len(schemes) == 1 else "",
                hashes=", ".join(way.words for way in ways),
            )
        )
        evidence += [place, *_places(table, columns, ways), *keys[:1]]
    return Fact(
        value=tuple(tables) or None,
        confidence=Confidence.LIKELY if tables else Confidence.UNKNOWN,
        evidence=tuple(evidence),
    )


def _described(
    hierarchy: Hierarchy, found: Fact[tuple[str, ...]], name: str
) -> tuple[UserTable, list[Column], Evidence] | None:
    """Return a table with its columns and its place; None for better-auth's own."""
    files = [*dict.fromkeys(e.path for e in found.evidence if e.path.endswith(".py"))]
    root = hierarchy.import_root
    for model in model_tables(hierarchy.sources, files, root):
        if model.name != name:
            continue
        path, at = model.evidence.path, model.evidence.line
        if is_auth_package(hierarchy.sources.repository, path.rpartition("/")[0]):
            return None
        module = dotted_name(root, path) if is_below(path, root) else ""
        schema, columns, is_class = _of_model(hierarchy, path, at)
        table = UserTable(
            table=name,
            schema=schema,
            module=module,
            model=model.class_name if is_class else "",
        )
        return table, columns, model.evidence
    if name == _OURS:
        return None
    for place in found.evidence:
        if columns := [*_made(hierarchy.sources, place.path, name)]:
            return UserTable(table=name), columns, place
    return None


def _of_model(
    hierarchy: Hierarchy, path: str, at: int
) -> tuple[str, list[Column], bool]:
    """Return the schema and columns of what is on a line, and if it is a class."""
    module = hierarchy.sources.module(path)
    for node in module.classes():
        if line(node) == at:
            one = Class(file=path, node=node)
            chain = [one, *hierarchy.above(one)]
            options = "".join(
                text(assigned.value)
                for each in chain
                for statement in body_statements(each.node)
                for assigned in assignments_of(statement)
                if assigned.target == "__table_args__"
            )
            schema = _SCHEMA.search(options)
            named = schema[1] if schema else ""
            return named, class_columns(hierarchy, one), True
    for assigned in module.assignments():
        if line(assigned.node) == at and callee(assigned.value).endswith("Table"):
            given = arguments(assigned.value)[1].get("schema")
            named = text(given).strip("\"'") if given is not None else ""
            columns = table_columns(hierarchy, path, assigned.value)
            return named if named.isidentifier() else "", columns, False
    return "", [], False


def _made(sources: Sources, path: str, table: str) -> Iterator[Column]:
    """Yield the columns that a revision, or SQL, gives to a table that it makes."""
    written = sources.repository.text(path) or ""
    changes = [*sql_columns(upward(written), {table})]
    if path.endswith(".py"):
        changes += alembic_columns(path, written, {table})
    for change in changes:
        if change.action == "declare":
            yield Column(
                name=change.column,
                attribute=change.column,
                kind=kind_of((change.type or "").partition(" ")[0]),
                is_primary=change.column in {"id", f"{table.rstrip('s')}_id"},
                evidence=Evidence(path=path, line=change.line, why="is the column"),
            )


def _places(
    table: UserTable, columns: list[Column], ways: list[Hashing]
) -> Iterator[Evidence]:
    """Yield where each part was read, in the words of the part."""
    meanings = {
        "id": "identifies people" + (f" by {table.id_type}" * bool(table.id_type)),
        "email": "holds their e-mail",
        "password": "holds their passwords",
        "verified": "says who is verified",
        "active": "says who is active",
        "admin": "says who is an admin",
        "name": "holds their names",
    }
    by_name = {column.name: column for column in columns}
    for part, meaning in meanings.items():
        column = by_name.get(getattr(table, part))
        if column is not None:
            why = f"{table.table}.{column.name} {meaning}"
            yield replace(column.evidence, why=why)
    for way in ways:
        yield Evidence(path=way.path, line=way.line, why=f"hashes with {way.words}")


def _references(sources: Sources, table: UserTable, root: str) -> Iterator[Evidence]:
    """Yield each foreign key to the table that a model declares."""
    wanted = {f"{table.table}.", f"{table.schema}.{table.table}."}
    model = f"{table.model}." if table.model else ""
    for name in sources.mentioning("ForeignKey", "foreign_key", below=root):
        module = sources.module(name)
        for call in module.nodes("call"):
            given, keywords = arguments(call)
            if callee(call).endswith("ForeignKey"):
                target = text(given[0] if given else keywords.get("column"))
            elif "foreign_key" in keywords:
                target = text(keywords["foreign_key"])
            else:
                continue
            owner = target.strip("\"'").rpartition(".")[0] + "."
            if owner in wanted or (model and target.startswith(model)):
                why = f"refers to {table.table}"
                yield Evidence(path=name, line=line(call), why=why)
