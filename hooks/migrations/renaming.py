"""Another name for a table or a column, and for all that is named after it.

PostgreSQL keeps the names of keys, constraints and indexes when a table or a column is
renamed; here they get those that they would have if they were made today.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ..schema.arguments import foreign_key_name, unique_name
from ..schema.names import quoted, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..schema.tables import Table

# PostgreSQL has no IF EXISTS here, and a key that was made by hand, or whose long name
# PostgreSQL has cut itself, has another name, which it keeps.
_CONSTRAINT = """\
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_constraint
        WHERE conrelid = CAST('{table}' AS regclass)
        AND conname = '{name}'
    ) THEN
        ALTER TABLE {table}
        RENAME CONSTRAINT {old} TO {new};
    END IF;
END
$$"""


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """One thing's two names; ``table`` is that of a column or a constraint."""

    kind: Literal["table", "column", "constraint", "index"]
    old: str
    new: str
    table: str = ""

    @property
    def back(self) -> Renamed:
        """What takes it back, where all that follows was taken back before."""
        return replace(self, old=self.new, new=self.old)

    @property
    def sql(self) -> str:
        """The statement, without a semicolon."""
        old, new = quoted(self.old), quoted(self.new)
        match self.kind:
            case "table":
                return f"ALTER TABLE {old} RENAME TO {new}"
            case "index":
                # A constraint without doubles is renamed with its index. One that was
                # made by hand may have another name, and keeps it.
                return f"ALTER INDEX IF EXISTS {old} RENAME TO {new}"
            case "column":
                return f"ALTER TABLE {quoted(self.table)} RENAME COLUMN {old} TO {new}"
            case "constraint":
                return _CONSTRAINT.format(
                    table=quoted(self.table), name=self.old, old=old, new=new
                )

    @property
    def operation(self) -> Iterator[str]:
        """The lines of the operation of Alembic's that does it."""
        match self.kind:
            case "table":
                yield f'    op.rename_table("{self.old}", "{self.new}")'
            case "column":
                yield "    op.alter_column("
                yield f'        "{self.table}",'
                yield f'        "{self.old}",'
                yield f'        new_column_name="{self.new}",'
                yield "    )"
            case "index":
                yield "    op.execute("
                yield f"        {json.dumps(self.sql)}"
                yield "    )"
            case "constraint":
                yield "    op.execute("
                yield '        """'
                yield from (f"        {line}" for line in self.sql.splitlines())
                yield '        """'
                yield "    )"


def renamed_between(
    before: Sequence[Table], after: Sequence[Table]
) -> Iterator[Renamed]:
    """Yield what leads from tables to others that differ in names alone."""
    for old, new in zip(before, after, strict=True):
        if old.name != new.name:
            yield Renamed(kind="table", old=old.name, new=new.name)
            yield from _index(f"{old.name}_pkey", f"{new.name}_pkey")
        for was, now in zip(old.columns, new.columns, strict=True):
            if was.name != now.name:
                yield Renamed(kind="column", table=new.name, old=was.name, new=now.name)
            if was.unique:
                names = unique_name(old.name, was), unique_name(new.name, now)
                yield from _index(*names)
            if was.references:
                yield from _key(
                    new.name,
                    foreign_key_name(old.name, was),
                    foreign_key_name(new.name, now),
                )
        for index, other in zip(old.indexes, new.indexes, strict=True):
            yield from _index(index.name, other.name)


def _index(old: str, new: str) -> Iterator[Renamed]:
    if old != new:
        yield Renamed(kind="index", old=shortened(old), new=shortened(new))


def _key(table: str, old: str, new: str) -> Iterator[Renamed]:
    if old != new:
        yield Renamed(kind="constraint", table=table, old=old, new=new)
