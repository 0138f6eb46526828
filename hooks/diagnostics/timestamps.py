"""BA008: every moment must carry its time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..migrations.declared import fits
from ..model import Evidence, Finding
from ..schema.tables import Type
from ..syntax.python import arguments, callee, line
from ._check import FIX, Broken, Check, problem
from ._conversion import Conversion, live_mismatches, new_migration
from ._probe import look, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._project import Project

_SLUG = "auth_time_zones"
_TITLE = "give the moments of the auth tables their time zone"
_REVISION = "{versions}/*_add_auth_tables.py"


class Timestamps(Check):
    """A moment without a time zone is another moment for each server.

    Node writes UTC, and a ``timestamp`` forgets that: read in Karachi a session lasts
    five hours longer, in Los Angeles it has ended eight hours before it began. Every
    such column is ``timestamptz``. The fix is a new migration that reads what is there
    as UTC. In Python, ``datetime.utcnow()`` has the same fault.
    """

    code = "BA008"
    name = "timestamps"
    healthy = "every moment has its time zone"
    proof = "migrations and models by syntax tree; PostgreSQL's catalogue"
    example = 'sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False)'
    broken = (
        Broken(
            title="the end of a session without its zone",
            path=_REVISION,
            before='"expires_at", sa.DateTime(timezone=True)',
            after='"expires_at", sa.DateTime()',
            fixed=True,
        ),
        Broken(
            title="the zone said to be left out",
            path=_REVISION,
            before='"expires_at", sa.DateTime(timezone=True)',
            after='"expires_at", sa.TIMESTAMP(timezone=False)',
            fixed=True,
        ),
        Broken(
            title="a token's end without its zone",
            path=_REVISION,
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
        Broken(
            title="a naive now in the auth package",
            path="{package}/extra.py",
            after=(
                "from datetime import datetime\n\n\n"
                "def is_over(session):\n"
                "    return session.expires_at < datetime.utcnow()\n"
            ),
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for moments without a zone in migrations, models and the package."""
        moments = _moments(project)
        naive = [
            found
            for key, found in project.migrated.items()
            if key in moments and fits(found, Type.TIMESTAMP) and not found.zoned
        ]
        conversions = [
            Conversion(
                table=d.table, column=d.column, was=d.type, wanted=Type.TIMESTAMP
            )
            for d in naive
        ]
        fix = new_migration(project, conversions, slug=_SLUG, title=_TITLE)
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
            is_moment = (found.table, found.column) in moments
            if is_moment and fits(found, Type.TIMESTAMP) and not found.zoned:
                yield problem(
                    f"a model's {found.table}.{found.column} forgets the time zone",
                    found.path,
                    found.line,
                    remedy="declare it as DateTime(timezone=True)",
                )
        yield from _naive_now(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask the live catalogue."""
        seen = look(project)
        if seen.reason:
            yield unasked(project, seen.reason)
            return
        naive = [
            Conversion(table=t, column=c, was="timestamp", wanted=Type.TIMESTAMP)
            for t, c in sorted(_moments(project))
            if seen.columns.get((t, c)) == "timestamp"
        ]
        yield from live_mismatches(
            project, seen, naive, slug=_SLUG, title=_TITLE, message=_in_database
        )


def _in_database(found: Conversion) -> str:
    return f"{found.table}.{found.column} forgets the time zone in the database"


def _moments(project: Project) -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in project.tables
        for column in table.columns
        if column.type is Type.TIMESTAMP
    }


def _naive_now(project: Project) -> Iterator[Finding]:
    for path, module in project.modules.items():
        for call in module.nodes("call"):
            name = callee(call)
            given = arguments(call)
            bare = name.endswith("datetime.now") and not any(given)
            if bare or name.endswith(("datetime.utcnow", "datetime.utcfromtimestamp")):
                yield problem(
                    f"{name}() has no time zone",
                    path,
                    line(call),
                    remedy="datetime.now(timezone.utc)",
                )
