"""Moments that migrations and models declare without a time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...answers.additions import ColumnType
from ...migrations.conversion import Conversion
from ...migrations.declared import fits
from ...model import Evidence, Finding
from .._check import FIX, REVISION, Broken, problem
from . import new_migration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...migrations.declared import Declared
    from .._project import Project

SLUG = "auth_time_zones"
TITLE = "give the moments of the auth tables their time zone"

BROKEN = (
    Broken(
        title="the end of a session without its zone",
        path=REVISION,
        before='"expires_at", sa.DateTime(timezone=True)',
        after='"expires_at", sa.DateTime()',
        fixed=True,
    ),
    Broken(
        title="the zone said to be left out",
        path=REVISION,
        before='"expires_at", sa.DateTime(timezone=True)',
        after='"expires_at", sa.TIMESTAMP(timezone=False)',
        fixed=True,
    ),
    Broken(
        title="a token's end without its zone",
        path=REVISION,
        before='"access_token_expires_at", sa.DateTime(timezone=True)',
        after='"access_token_expires_at", sa.DateTime',
        fixed=True,
    ),
    Broken(
        title="SQL that takes the zone away",
        path="{versions}/later_zone.py",
        after=(
            'revision = "later"\ndown_revision = "{head}"\n\n'
            "from alembic import op\n\n\ndef upgrade():\n"
            '    op.execute("ALTER TABLE auth_session ALTER COLUMN expires_at '
            'TYPE timestamp")\n\n\ndef downgrade():\n    pass\n'
        ),
        fixed=True,
    ),
    Broken(
        title="a model without it",
        path="{backend}/app/models.py",
        after=(
            "\n\nfrom sqlalchemy import Column, DateTime, MetaData, Table\n\n"
            'sessions = Table(\n    "auth_session",\n    MetaData(),\n'
            '    Column("expires_at", DateTime()),\n)\n'
        ),
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look for moments without a zone in migrations and models."""
    of_tables = moments(project)
    naive = [
        found
        for key, found in project.migrated.items()
        if key in of_tables and _forgets_zone(found)
    ]
    conversions = [
        Conversion(
            table=d.table, column=d.column, was=d.type, wanted=ColumnType.TIMESTAMP
        )
        for d in naive
    ]
    fix = new_migration(project, conversions, slug=SLUG, title=TITLE)
    for found in naive:
        message = f"{found.table}.{found.column} forgets the time zone"
        yield Finding(
            message=message,
            evidence=(Evidence(path=found.path, line=found.line, why=message),),
            remedy=FIX if fix else "write a migration that makes it timestamptz",
            fix=fix,
        )
        fix = None
    for found in project.modelled:
        is_moment = (found.table, found.column) in of_tables
        if is_moment and _forgets_zone(found):
            yield problem(
                f"a model's {found.table}.{found.column} forgets the time zone",
                found.path,
                found.line,
                remedy="declare it as DateTime(timezone=True)",
            )


def _forgets_zone(found: Declared) -> bool:
    """Return True if a type is written, for moments, and without a zone."""
    return bool(found.type) and fits(found, ColumnType.TIMESTAMP) and not found.zoned


def moments(project: Project) -> set[tuple[str, str]]:
    """Return the columns that hold a moment, by table and name."""
    return {
        (table.name, column.name)
        for table in project.tables
        for column in table.columns
        if column.type is ColumnType.TIMESTAMP
    }
