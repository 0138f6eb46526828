"""BA003: columns must have the types that better-auth writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..migrations.declared import fits
from ..model import Evidence, Finding
from ..schema.tables import Type
from ._check import FIX, Broken, Check, problem
from ._conversion import Conversion, convertible, live_mismatches, new_migration
from ._probe import look, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..migrations.declared import Declared
    from ..model import Fix
    from ._project import Project

_SLUG = "auth_column_types"
_TITLE = "give the auth tables the types that better-auth writes"
_REVISION = "{versions}/*_add_auth_tables.py"
# PostgreSQL's own short names, as its catalogue has them.
_CATALOGUE = {
    Type.TEXT: {"text", "varchar", "citext", "bpchar"},
    Type.UUID: {"uuid"},
    Type.BOOLEAN: {"bool"},
    Type.TIMESTAMP: {"timestamptz", "timestamp"},
    Type.INTEGER: {"int4", "int8"},
    Type.BIGINT: {"int8"},
}


class SchemaTypes(Check):
    """A column of another type makes sign-up fail, some only in production.

    The classic is ``ip_address`` as ``inet``: better-auth writes an empty string where
    it knows no address, and PostgreSQL refuses it. Milliseconds do not fit an
    ``integer``. Migrations are read in their order, models as they stand, and where
    the database answers, its catalogue. The fix is a new migration with the ``USING``
    that keeps the data; what has been applied is never rewritten.
    """

    code = "BA003"
    name = "schema-types"
    healthy = "the columns of the auth tables have the types that better-auth writes"
    proof = "migrations replayed as text, models by syntax tree; PostgreSQL's catalogue"
    example = 'sa.Column("ip_address", sa.Text(), nullable=True)'
    broken = (
        Broken(
            title="ip_address as inet",
            path=_REVISION,
            before='"ip_address", sa.Text()',
            after='"ip_address", postgresql.INET()',
            fixed=True,
        ),
        Broken(
            title="milliseconds in an integer",
            path=_REVISION,
            before='"last_request", sa.BigInteger()',
            after='"last_request", sa.Integer()',
            fixed=True,
        ),
        Broken(
            title="a token as bytes",
            path=_REVISION,
            before='"user_agent", sa.Text()',
            after='"user_agent", postgresql.JSONB()',
            fixed=True,
        ),
        Broken(
            title="a flag as text",
            path=_REVISION,
            before='"email_verified",\n            sa.Boolean()',
            after='"email_verified",\n            sa.Text()',
            fixed=True,
        ),
        Broken(
            title="an id that is no uuid",
            path=_REVISION,
            before='"user_id", postgresql.UUID(as_uuid=True)',
            after='"user_id", sa.Integer()',
        ),
        Broken(
            title="a model with inet",
            path="{backend}/app/models.py",
            after=(
                "\n\nfrom sqlalchemy import Column\n"
                "from sqlalchemy.dialects.postgresql import INET\n"
                "from sqlmodel import Field\n\n\n"
                "class AuthSession(SQLModel, table=True):\n"
                '    __tablename__ = "auth_session"\n'
                "    id: str = Field(primary_key=True)\n"
                "    ip_address: str | None = Field(sa_column=Column(INET))\n"
            ),
        ),
        Broken(
            title="a later revision that makes it inet",
            path="{versions}/later_inet.py",
            after=(
                'revision = "later"\ndown_revision = "{head}"\n\n'
                "from alembic import op\n\n\ndef upgrade():\n"
                '    op.execute("ALTER TABLE auth_session ALTER COLUMN ip_address '
                'TYPE inet USING ip_address::inet")\n\n\ndef downgrade():\n    pass\n'
            ),
            fixed=True,
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare what migrations and models declare."""
        declared = project.migrated
        wrong = list(_wrong(project, declared))
        fix = _fix(project, [(d.table, d.column, d.type) for d in wrong])
        for found in wrong:
            yield _mismatch(found, _wanted(project)[found.table, found.column], fix)
            fix = None
        for found in project.modelled:
            wanted = _wanted(project).get((found.table, found.column))
            if wanted is not None and not fits(found, wanted):
                yield problem(
                    f"a model gives {found.table}.{found.column} the type {found.type}",
                    found.path,
                    found.line,
                    remedy=f"declare it as {wanted.value}",
                )

    def probe(self, project: Project) -> Iterator[Finding]:
        """Compare with the live catalogue."""
        seen = look(project)
        if seen.reason:
            yield unasked(project, seen.reason)
            return
        wanted = _wanted(project)
        wrong = [
            Conversion(table=key[0], column=key[1], was=kind, wanted=wanted[key])
            for key, kind in seen.columns.items()
            if key in wanted and kind not in _CATALOGUE[wanted[key]]
        ]
        yield from live_mismatches(
            project, seen, wrong, slug=_SLUG, title=_TITLE, message=_in_database
        )


def _in_database(found: Conversion) -> str:
    column = f"{found.table}.{found.column}"
    return f"{column} is {found.was} in the database, not {found.wanted.value}"


def _wanted(project: Project) -> dict[tuple[str, str], Type]:
    return {(t.name, c.name): c.type for t in project.tables for c in t.columns}


def _wrong(
    project: Project, declared: Mapping[tuple[str, str], Declared]
) -> Iterator[Declared]:
    wanted = _wanted(project)
    for key, found in declared.items():
        if key in wanted and not fits(found, wanted[key]):
            yield found


def _fix(project: Project, wrong: list[tuple[str, str, str]]) -> Fix | None:
    wanted = _wanted(project)
    conversions = [
        Conversion(table=table, column=column, was=was, wanted=wanted[table, column])
        for table, column, was in wrong
        if convertible(was, wanted[table, column])
    ]
    return new_migration(project, conversions, slug=_SLUG, title=_TITLE)


def _mismatch(found: Declared, wanted: Type, fix: Fix | None) -> Finding:
    message = f"{found.table}.{found.column} is {found.type}, not {wanted.value}"
    by_hand = f"write a migration that makes it {wanted.value}; its keys must follow"
    return Finding(
        message=message,
        evidence=(Evidence(path=found.path, line=found.line, why=message),),
        remedy=FIX if fix else by_hand,
        fix=fix,
    )
