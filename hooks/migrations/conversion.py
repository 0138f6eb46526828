"""A new migration that gives columns of the auth tables their right types.

History is never rewritten: what was applied stays as it was, and the change comes
after it, in the project's own numbering and with the ``USING`` that keeps the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..model import FileEdit
from ..schema.tables import Type
from .alembic import revision_text
from .naming import next_revision, problem_of, revision_file, sql_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .graph import Graph


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """One column that gets another type."""

    table: str
    column: str
    was: str
    wanted: Type

    @property
    def statement(self) -> str:
        """The SQL, with a conversion of what the column holds."""
        return _alter(
            self, self.wanted.value, _using(self.column, self.was, self.wanted)
        )

    @property
    def back(self) -> str:
        """The SQL that takes it back."""
        name = self.column
        if self.wanted is Type.TIMESTAMP and self.was in {"datetime", "timestamp"}:
            return _alter(self, "timestamp", f"{name} AT TIME ZONE 'UTC'")
        was = {"string": "varchar", "biginteger": "bigint", "datetime": "timestamp"}
        return _alter(
            self, was.get(self.was, self.was), f"NULLIF({name}::text, '')::{self.was}"
        )


def convertible(was: str, wanted: Type) -> bool:
    """Return True if what a column holds can be kept without asking anybody.

    An id never changes alone: its foreign keys would have to change with it.
    """
    if wanted is Type.UUID:
        return False
    if wanted is Type.TEXT:
        return True
    return (was, wanted) in {
        ("integer", Type.BIGINT),
        ("int", Type.BIGINT),
        ("int4", Type.BIGINT),
        ("datetime", Type.TIMESTAMP),
        ("timestamp", Type.TIMESTAMP),
        ("int2", Type.BIGINT),
        ("text", Type.BOOLEAN),
        ("string", Type.BOOLEAN),
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
    return (
        f"ALTER TABLE {conversion.table} ALTER COLUMN {conversion.column} "
        f"TYPE {kind} USING {using}"
    )


def _using(name: str, was: str, wanted: Type) -> str:
    if wanted is Type.TIMESTAMP:
        return f"{name} AT TIME ZONE 'UTC'"
    if was in {"inet", "cidr"}:
        # A plain cast would leave 127.0.0.1/32.
        return f"NULLIF(host({name}), '')"
    return f"{name}::{wanted.value}"


def _executed(statement: str) -> str:
    table, using = statement.split(" USING ")
    return f'    op.execute(\n        "{table} "\n        "USING {using}"\n    )'
