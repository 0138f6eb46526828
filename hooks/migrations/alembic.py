"""The auth tables as an Alembic revision."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..schema.arguments import (
    column_argument,
    foreign_key_name,
    table_arguments,
    unique_name,
)
from ..schema.triggers import DROP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..schema.tables import Column, Index, Table
    from .change import AddedColumn, SchemaChange


# Types, defaults and triggers are PostgreSQL's, and so is all that reads the tables. A
# chain may run elsewhere in ways that no reading of the project shows, so that this is
# asked in every revision.
_ON_POSTGRESQL_ALONE = (
    '    if op.get_context().dialect.name != "postgresql":',
    "        return  # the auth server uses PostgreSQL alone",
)


def revision_source(
    change: SchemaChange,
    *,
    revision: str,
    down_revision: str | tuple[str, ...] | None,
    created: str,
) -> str:
    """Return the text of a revision that makes ``change`` and takes it back.

    It does nothing where the project's migrations run on another database.
    """
    first, last = change.columns_around_tables
    upgrade = [line for one in change.renames for line in one.operation]
    upgrade += [line for a in change.loosened for line in _filled(a, must_be=False)]
    upgrade += [line for added in first for line in _add(added)]
    upgrade += [line for table in change.tables for line in _create(table)]
    upgrade += [line for late in change.late_keys for line in _foreign_key(*late)]
    upgrade += [line for added in last for line in _add(added)]
    upgrade += [
        line for table, index in change.indexes for line in _index(table, index)
    ]
    upgrade += [line for statement in change.statements for line in _execute(statement)]
    downgrade = [f'    op.execute("{DROP}")'] if change.triggers else []
    downgrade += [
        f'    op.drop_column("{added.table}", "{added.column.name}")'
        for added in reversed(change.columns)
    ]
    downgrade += [
        line for late in change.late_keys for line in _without_foreign_key(*late)
    ]
    downgrade += [f'    op.drop_table("{t.name}")' for t in reversed(change.tables)]
    downgrade += [
        line for one in reversed(change.renames) for line in one.back.operation
    ]
    downgrade += [line for a in change.loosened for line in _filled(a, must_be=True)]
    if change.drops:
        upgrade, downgrade = downgrade, upgrade
    uses_types = bool(change.tables or change.columns)
    uses_dialect = any("postgresql." in line for line in (*upgrade, *downgrade))
    return revision_text(
        change.title,
        revision=revision,
        down_revision=down_revision,
        created=created,
        imports=(
            *(["import sqlalchemy as sa"] if uses_types else []),
            "from alembic import op",
            *(["from sqlalchemy.dialects import postgresql"] if uses_dialect else []),
        ),
        upgrade=upgrade,
        downgrade=downgrade,
    )


def revision_text(  # noqa: PLR0913 - what every revision has
    title: str,
    *,
    revision: str,
    down_revision: str | tuple[str, ...] | None,
    created: str,
    imports: Sequence[str],
    upgrade: Sequence[str],
    downgrade: Sequence[str],
) -> str:
    """Return a revision with these lines, which PostgreSQL alone runs."""
    parents = (down_revision,) if isinstance(down_revision, str) else down_revision
    listed = [f'"{parent}"' for parent in parents or ()]
    down = "None" if not listed else listed[0]
    if len(listed) > 1:
        down = f"({', '.join(listed)})"
    return "\n".join(
        [
            f'"""{title}',
            "",
            f"Revision ID: {revision}",
            f"Revises: {', '.join(parents or ())}".rstrip(),
            f"Create Date: {created}",
            '"""',
            "",
            *imports,
            "",
            "# revision identifiers, used by Alembic.",
            f'revision = "{revision}"',
            f"down_revision = {down}",
            "branch_labels = None",
            "depends_on = None",
            "",
            "",
            "def upgrade() -> None:",
            *_ON_POSTGRESQL_ALONE,
            *upgrade,
            "",
            "",
            "def downgrade() -> None:",
            *_ON_POSTGRESQL_ALONE,
            *downgrade,
            "",
        ]
    )


def _create(table: Table) -> Iterator[str]:
    yield "    op.create_table("
    yield f'        "{table.name}",'
    yield from table_arguments(table, "        ")
    yield "    )"
    for index in table.indexes:
        yield from _index(table.name, index)


def _add(added: AddedColumn) -> Iterator[str]:
    table, column = added.table, added.column
    yield "    op.add_column("
    yield f'        "{table}",'
    yield from column_argument(column, "        ")
    yield "    )"
    if column.references:
        yield from _foreign_key(table, column)
    if column.unique:
        yield "    op.create_unique_constraint("
        yield f'        "{unique_name(table, column)}",'
        yield f'        "{table}",'
        yield f'        ["{column.name}"],'
        yield "    )"


def _foreign_key(table: str, column: Column) -> Iterator[str]:
    yield "    op.create_foreign_key("
    yield f'        "{foreign_key_name(table, column)}",'
    yield f'        "{table}",'
    yield f'        "{column.references}",'
    yield f'        ["{column.name}"],'
    yield f'        ["{column.references_column}"],'
    yield f'        ondelete="{column.on_delete}",'
    yield "    )"


def _without_foreign_key(table: str, column: Column) -> Iterator[str]:
    yield "    op.drop_constraint("
    yield f'        "{foreign_key_name(table, column)}",'
    yield f'        "{table}",'
    yield '        type_="foreignkey",'
    yield "    )"


def _filled(changed: AddedColumn, *, must_be: bool) -> Iterator[str]:
    yield "    op.alter_column("
    yield f'        "{changed.table}",'
    yield f'        "{changed.column.name}",'
    yield f"        nullable={not must_be},"
    yield "    )"


def _index(table: str, index: Index) -> Iterator[str]:
    columns = ", ".join(f'"{name}"' for name in index.columns)
    yield "    op.create_index("
    yield f'        "{index.name}",'
    yield f'        "{table}",'
    yield f"        [{columns}],"
    if index.unique:
        yield "        unique=True,"
    yield "    )"


def _execute(statement: str) -> Iterator[str]:
    if "\n" not in statement:
        yield f"    op.execute({json.dumps(statement, ensure_ascii=False)})"
        return
    yield "    op.execute("
    yield '        """'
    yield from (f"        {line}" for line in statement.splitlines())
    yield '        """'
    yield "    )"
