"""A new migration that gives columns of the auth tables their right types.

History is never rewritten: what was applied stays as it was, and the change comes
after it, in the project's own numbering and with the ``USING`` that keeps the data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..answers.additions import ColumnType
from ..model import FileEdit
from ..schema.names import quoted
from .alembic import revision_text
from .naming import next_revision, problem_of, revision_file, sql_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .graph import Graph

# SQLAlchemy's names that PostgreSQL does not know.
_IN_SQL = {
    "string": "varchar",
    "autostring": "varchar",
    "unicode": "varchar",
    "str": "varchar",
    "unicodetext": "text",
    "biginteger": "bigint",
    "smallinteger": "smallint",
    "largebinary": "bytea",
    "float": "double precision",
    "datetime": "timestamp",
}


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """One column that gets another type."""

    table: str
    column: str
    was: str
    wanted: ColumnType

    @property
    def statement(self) -> str:
        """The SQL, with a conversion of what the column holds."""
        using = _using(quoted(self.column), self.was, self.wanted)
        return _alter(self, self.wanted.value, using)

    @property
    def back(self) -> str:
        """The SQL that takes it back."""
        name = quoted(self.column)
        is_moment = self.wanted is ColumnType.TIMESTAMP
        if is_moment and self.was in {"datetime", "timestamp"}:
            return _alter(self, "timestamp", f"{name} AT TIME ZONE 'UTC'")
        kind = _IN_SQL.get(self.was, self.was)
        return _alter(self, kind, f"NULLIF({name}::text, '')::{kind}")


def convertible(was: str, wanted: ColumnType) -> bool:
    """Return True if what a column holds can be kept without asking anybody.

    An id never changes alone: its foreign keys would have to change with it.
    """
    if wanted is ColumnType.UUID:
        return False
    if wanted is ColumnType.TEXT:
        return True
    return (was, wanted) in {
        ("integer", ColumnType.BIGINT),
        ("int", ColumnType.BIGINT),
        ("int4", ColumnType.BIGINT),
        ("datetime", ColumnType.TIMESTAMP),
        ("timestamp", ColumnType.TIMESTAMP),
        ("int2", ColumnType.BIGINT),
        ("text", ColumnType.BOOLEAN),
        ("string", ColumnType.BOOLEAN),
    }


def conversion_revision(  # noqa: PLR0913 - where it goes, and what it says
    conversions: Sequence[Conversion],
    graph: Graph,
    folder: str,
    *,
    file_template: str | None,
    slug: str,
    title: str,
) -> FileEdit | None:
    """Return a revision of Alembic; ``None`` where the chain has no certain end."""
    if not graph.heads or problem_of(graph):
        return None
    head = graph.heads[0]
    revision = next_revision(graph, slug)
    now = datetime.now(UTC).replace(tzinfo=None)
    name = revision_file(graph, file_template, revision, slug, now)
    path = f"{folder}/{name}"
    source = revision_text(
        f"{title[:1].upper()}{title[1:]}",
        revision=revision,
        down_revision=head,
        created=now.isoformat(sep=" "),
        imports=("from alembic import op",),
        upgrade=[_executed(c.statement) for c in conversions],
        downgrade=[_executed(c.back) for c in reversed(conversions)],
    )
    return FileEdit(path=path, before=None, after=source.encode(), why=(title,))


def conversion_sql(
    conversions: Sequence[Conversion],
    names: Sequence[str],
    folder: str,
    *,
    slug: str,
    title: str,
) -> FileEdit | None:
    """Return an SQL file, numbered as those with ``names`` in its folder are."""
    path = sql_path(folder, names, slug) if names else None
    if path is None:
        return None
    body = "".join(f"{c.statement};\n" for c in conversions)
    return FileEdit(path=path, before=None, after=body.encode(), why=(title,))


def _alter(conversion: Conversion, kind: str, using: str) -> str:
    table, column = quoted(conversion.table), quoted(conversion.column)
    return f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind} USING {using}"


def _using(name: str, was: str, wanted: ColumnType) -> str:
    if wanted is ColumnType.TIMESTAMP:
        return f"{name} AT TIME ZONE 'UTC'"
    if was in {"inet", "cidr"}:
        # A plain cast would leave 127.0.0.1/32.
        return f"NULLIF(host({name}), '')"
    return f"{name}::{wanted.value}"


def _executed(statement: str) -> str:
    table, using = statement.split(" USING ")
    first, second = json.dumps(f"{table} "), json.dumps(f"USING {using}")
    return f"    op.execute(\n        {first}\n        {second}\n    )"
