"""The columns of the auth tables, as migrations leave them and as models declare them.

Revisions and SQL files are read in their order, so that a later one that changes a
type or gives a default counts; nothing is imported or run.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from ..answers.additions import ColumnType
from .alembic_columns import alembic_columns
from .model_columns import model_columns
from .sql_columns import sql_columns, upward
from .table_names import with_earlier_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..schema.tables import Table
    from .column_changes import ColumnChange
    from .graph import Graph, Revision

# SQLAlchemy's and PostgreSQL's names, in lower case, by what better-auth can use them
# for. A timestamp without time zone is a time too; BA008 is about the zone.
_FITTING: dict[ColumnType, frozenset[str]] = {
    ColumnType.TEXT: frozenset(
        {"text", "string", "unicode", "unicodetext", "varchar", "autostring"}
        | {"character varying", "str", "citext"}
    ),
    ColumnType.UUID: frozenset({"uuid", "guid"}),
    ColumnType.BOOLEAN: frozenset({"boolean", "bool"}),
    ColumnType.TIMESTAMP: frozenset({"datetime", "timestamp", "timestamptz"}),
    ColumnType.INTEGER: frozenset(
        {"integer", "int", "int4", "bigint", "biginteger", "int8"}
    ),
    ColumnType.BIGINT: frozenset({"bigint", "biginteger", "int8"}),
    ColumnType.JSON: frozenset({"json", "jsonb"}),
}
_KNOWN = frozenset().union(*_FITTING.values()) | frozenset(
    {"inet", "cidr", "macaddr", "date", "time", "float", "numeric", "json", "jsonb"}
    | {"smallint", "smallinteger", "largebinary", "bytea", "char", "double precision"}
)


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What makes the tables of a project: its revisions, SQL files and models.

    ``versions`` is the folder of the project's migrations, ``None`` where it has none.
    ``below`` lists the files of a folder by the ends of their names; ``read`` and
    ``text`` return one.
    """

    tables: tuple[Table, ...]
    graph: Graph
    versions: str | None
    backend: str
    below: Callable[[str, str], list[str]]
    read: Callable[[str], bytes | None]
    text: Callable[[str], str | None]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One column; ``type`` is in lower case, without length, and empty if not known.

    ``line`` is where its type is written, ``required_at`` where it became NOT NULL
    without a default that would fill it.
    """

    table: str
    column: str
    type: str
    zoned: bool
    takes_null: bool
    has_default: bool
    path: str
    line: int
    required_at: tuple[str, int]

    @property
    def is_required(self) -> bool:
        """Whether every new row must bring a value."""
        return not self.takes_null and not self.has_default


def fits(declared: Declared, wanted: ColumnType) -> bool:
    """Return True if better-auth can use a column of that type.

    A type that is not known is not judged.
    """
    return declared.type not in _KNOWN or declared.type in _FITTING[wanted]


def in_migrations(schema: Schema) -> dict[tuple[str, str], Declared]:
    """Return each column of the auth tables as the last migration leaves it."""
    found: dict[tuple[str, str], Declared] = {}
    for change in _migrated(schema):
        key = change.table, change.column
        if change.action == "drop":
            gone = [k for k in found if k[0] == key[0] and change.column in {"", k[1]}]
            for column in gone:
                del found[column]
        elif change.action == "rename" and not change.column:
            for one in [k for k in found if k[0] == change.table]:
                moved = replace(found.pop(one), table=change.new_name)
                found[change.new_name, one[1]] = moved
        elif change.action == "rename":
            if key in found:
                renamed = replace(found.pop(key), column=change.new_name)
                found[change.table, change.new_name] = renamed
        else:
            found[key] = _after(change, found.get(key))
    return found


def in_models(schema: Schema) -> Iterator[Declared]:
    """Yield the columns that the backend's own models give to the auth tables."""
    names = {table.name for table in schema.tables}
    revisions = {revision.path for revision in schema.graph.revisions}
    for path in schema.below(schema.backend, ".py"):
        source = schema.read(path)
        if source is not None and b"auth_" in source and path not in revisions:
            for change in model_columns(path, source, names):
                yield _after(change, None)


def _after(change: ColumnChange, before: Declared | None) -> Declared:
    """Return a column after ``change``; what that leaves open is as it was before."""
    here = change.path, change.line
    if before is None:
        before = Declared(
            table=change.table,
            column=change.column,
            type="",
            zoned=False,
            takes_null=True,
            has_default=False,
            path=change.path,
            line=change.line,
            required_at=here,
        )
    if change.type is not None:
        before = replace(
            before,
            type=change.type,
            zoned=change.zoned,
            path=change.path,
            line=change.line,
        )
    if change.takes_null is not None:
        at = before.required_at if change.takes_null else here
        before = replace(before, takes_null=change.takes_null, required_at=at)
    if change.has_default is not None:
        before = replace(before, has_default=change.has_default)
    return before


def _migrated(schema: Schema) -> Iterator[ColumnChange]:
    folder = schema.versions
    files = [] if folder is None else schema.below(folder, ".sql")
    revisions = [*in_order(schema.graph)]
    texts = {path: schema.text(path) or "" for path in files}
    names = with_earlier_names(
        [*(revision.source for revision in revisions), *texts.values()],
        {table.name for table in schema.tables},
    )
    for revision in revisions:
        yield from alembic_columns(revision.path, revision.source, names)
    for path, text in texts.items():
        for change in sql_columns(upward(text), names):
            yield replace(change, path=path)


def in_order(graph: Graph) -> Iterator[Revision]:
    """Yield each revision after those that it follows, else in the graph's order.

    What is in a circle, which Alembic refuses, comes last.
    """
    waiting: dict[str, list[Revision]] = {}
    for revision in graph.revisions:
        waiting.setdefault(revision.id, []).append(revision)
    place = {identity: number for number, identity in enumerate(waiting)}
    sorter = TopologicalSorter[str](dict.fromkeys(waiting, ()))
    for revision in graph.revisions:
        sorter.add(
            revision.id, *(parent for parent in revision.down if parent in place)
        )
    with suppress(CycleError):
        sorter.prepare()
    while ready := sorted(sorter.get_ready(), key=place.__getitem__):
        for identity in ready:
            yield from waiting.pop(identity)
        sorter.done(*ready)
    for revisions in waiting.values():
        yield from revisions
