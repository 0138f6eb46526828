"""What the project's migrations still lack for its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schema.names import quoted
from ..schema.tables import Column, Index, Table, tables_for, template_tables
from ..schema.triggers import creates_triggers, triggers_for
from .renaming import renamed_between
from .written import columns_written, leaves_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ..answers import Answers
    from ..answers.additions import StoredTable
    from ..schema.renames import Rename
    from .renaming import Renamed


@dataclass(frozen=True, kw_only=True)
class AddedColumn:
    """A column for a table that an earlier migration made."""

    table: str
    column: Column


@dataclass(frozen=True, kw_only=True)
class SchemaChange:
    """What one further migration brings; ``triggers`` are statements, in order.

    ``indexes`` are those of added columns, each with the name of its table; ``renames``
    come in a change of their own, which is ``named`` after what the user sees of it.
    So do columns that are ``loosened``: they need not be filled any more.

    One that ``drops`` takes all of it away, and brings it back when it is taken back.
    With ``hidden`` only the tables' owner reads them: Supabase serves every other
    table of the public schema to all who have the project's public key.
    """

    tables: tuple[Table, ...] = ()
    columns: tuple[AddedColumn, ...] = ()
    indexes: tuple[tuple[str, Index], ...] = ()
    triggers: tuple[str, ...] = ()
    renames: tuple[Renamed, ...] = ()
    named: tuple[Rename, ...] = ()
    loosened: tuple[AddedColumn, ...] = ()
    hidden: bool = False
    drops: bool = False

    def __bool__(self) -> bool:
        """Return True if there is anything to do."""
        made = self.tables or self.columns or self.indexes or self.triggers
        return bool(made or self.renames or self.loosened)

    def __str__(self) -> str:
        """Name all of it, for people."""
        names = [f"{one.old} to {one.new}" for one in self.named]
        names += [table.name for table in self.tables]
        columns = (*self.loosened, *self.columns)
        names += [f"{added.table}.{added.column.name}" for added in columns]
        return ", ".join([*names, "the triggers"] if self.triggers else names)

    @property
    def verb(self) -> str:
        """What it does, in a word."""
        if self.renames:
            return "rename"
        if self.loosened:
            return "make optional"
        return "drop" if self.drops else "create"

    @property
    def statements(self) -> tuple[str, ...]:
        """What has no operation of Alembic's, in order, without semicolons."""
        hiding = (
            f"ALTER TABLE {quoted(table.name)} ENABLE ROW LEVEL SECURITY"
            for table in self.tables
            if self.hidden
        )
        return (*hiding, *self.triggers)

    @property
    def columns_around_tables(
        self,
    ) -> tuple[tuple[AddedColumn, ...], tuple[AddedColumn, ...]]:
        """The columns to add before the tables, which may refer to them, and after."""
        new = {table.name for table in self.tables}
        after = tuple(a for a in self.columns if a.column.references in new)
        return tuple(a for a in self.columns if a not in after), after

    @property
    def late_keys(self) -> tuple[tuple[str, Column], ...]:
        """The foreign keys that wait until all tables are there, by their tables."""
        return tuple(
            (table.name, column)
            for table in self.tables
            for column in table.columns
            if column.name in table.late_keys
        )

    @property
    def title(self) -> str:
        """The migration's message."""
        if self.renames:
            return "Rename what the auth server stores"
        if self.loosened:
            return "Make optional what the auth server fills no more"
        if self.drops:
            return "Drop what the auth server stores no more"
        if any(table.name == "auth_user" for table in self.tables):
            return "Add the auth tables"
        if self.tables or self.columns or self.indexes:
            return "Extend the auth tables"
        return "Notify of changed sessions"

    @property
    def slug(self) -> str:
        """The migration's name in a file's name."""
        if self.renames:
            return "rename_auth_tables"
        if self.loosened:
            return "loosen_auth_tables"
        if self.drops:
            return "shrink_auth_tables"
        return self.title.lower().replace(" the ", " ").replace(" ", "_")

    @property
    def undecided(self) -> str:
        """Name a column that must hold a value in rows that have none; or nothing."""
        for added in self.columns:
            if not added.column.nullable and added.column.default is None:
                return f"{added.table}.{added.column.name}"
        return ""


def needed(answers: Answers, migrations: Sequence[str]) -> SchemaChange:
    """Compare the tables of ``answers`` with the migrations' texts, in their order."""
    added = {table.name for table in answers.auth_schema_additions}
    tables: list[Table] = []
    columns: list[AddedColumn] = []
    indexes: list[tuple[str, Index]] = []
    for table in tables_for(answers):
        if not leaves_table(migrations, table.name):
            tables.append(table)
            continue
        present = columns_written(migrations, table.name)
        if present is None:
            continue
        lacking = [column for column in table.columns if column.name not in present]
        columns += [AddedColumn(table=table.name, column=one) for one in lacking]
        names = {column.name for column in lacking}
        indexes += [
            (table.name, index)
            for index in table.indexes
            if names & {*index.columns}
            or (table.name in added and not any(index.name in m for m in migrations))
        ]
    has_triggers = any(creates_triggers(text) for text in migrations)
    return SchemaChange(
        tables=tuple(tables),
        columns=tuple(columns),
        indexes=tuple(indexes),
        triggers=() if has_triggers else triggers_for(answers),
        hidden=answers.auth_database_provider == "supabase",
    )


def renaming(
    before: Answers, after: Answers, renames: Sequence[Rename]
) -> SchemaChange:
    """Return what leads from the names of ``before`` to those of ``after``."""
    steps = renamed_between(tables_for(before), tables_for(after))
    return SchemaChange(renames=tuple(steps), named=tuple(renames))


def loosening(answers: Answers, gone: Iterable[StoredTable]) -> SchemaChange:
    """Return the change after which rows are stored without what is ``gone``.

    It is about columns of tables that better-auth goes on writing to.
    """
    names = {(table.name, column.name) for table in gone for column in table.columns}
    return SchemaChange(
        loosened=tuple(
            AddedColumn(table=table.name, column=column)
            for table in tables_for(answers)
            for column in table.columns
            if (table.name, column.name) in names
            and not column.nullable
            and column.default is None
        )
    )


def dropping(
    answers: Answers, tables: Iterable[StoredTable], staying: Collection[str]
) -> SchemaChange:
    """Return the change that drops what ``tables`` have, of those of ``answers``.

    A table is dropped whole only where its name is not among those ``staying``.
    """
    names = {table.name: {c.name for c in table.columns} for table in tables}
    kept = {*staying, *(table.name for table in template_tables())}
    have = tables_for(answers)
    whole = tuple(t for t in have if t.name in names and t.name not in kept)
    partly = [t for t in have if t.name in names and t.name in kept]
    return SchemaChange(
        tables=whole,
        columns=tuple(
            AddedColumn(table=table.name, column=column)
            for table in partly
            for column in table.columns
            if column.name in names[table.name]
        ),
        indexes=tuple(
            (table.name, index)
            for table in partly
            for index in table.indexes
            if names[table.name] & {*index.columns}
        ),
        hidden=answers.auth_database_provider == "supabase",
        drops=True,
    )
