"""Types that migrations and models declare, and better-auth does not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...migrations.conversion import Conversion, convertible
from ...migrations.declared import fits
from ...model import Evidence, Finding
from .._check import FIX, REVISION, Broken, problem
from . import new_migration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...answers.additions import ColumnType
    from ...migrations.declared import Declared
    from ...model import Fix
    from .._project import Project

SLUG = "auth_column_types"
TITLE = "give the auth tables the types that better-auth writes"

BROKEN = (
    Broken(
        title="ip_address as inet",
        path=REVISION,
        before='"ip_address", sa.Text()',
        after='"ip_address", postgresql.INET()',
        fixed=True,
    ),
    Broken(
        title="milliseconds in an integer",
        path=REVISION,
        before='"last_request", sa.BigInteger()',
        after='"last_request", sa.Integer()',
        fixed=True,
    ),
    Broken(
        title="a token as bytes",
        path=REVISION,
        before='"user_agent", sa.Text()',
        after='"user_agent", postgresql.JSONB()',
        fixed=True,
    ),
    Broken(
        title="a flag as text",
        path=REVISION,
        before='"email_verified",\n            sa.Boolean()',
        after='"email_verified",\n            sa.Text()',
        fixed=True,
    ),
    Broken(
        title="an id that is no uuid",
        path=REVISION,
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


def find(project: Project) -> Iterator[Finding]:
    """Compare what migrations and models declare."""
    wrong = list(_wrong(project, project.migrated))
    fix = _fix(project, [(d.table, d.column, d.type) for d in wrong])
    for found in wrong:
        yield _mismatch(found, project.column_types[found.table, found.column], fix)
        fix = None
    for found in project.modelled:
        wanted = project.column_types.get((found.table, found.column))
        if wanted is not None and not fits(found, wanted):
            yield problem(
                f"a model gives {found.table}.{found.column} the type {found.type}",
                found.path,
                found.line,
                remedy=f"declare it as {wanted.value}",
            )


def _wrong(
    project: Project, declared: Mapping[tuple[str, str], Declared]
) -> Iterator[Declared]:
    wanted = project.column_types
    for key, found in declared.items():
        if key in wanted and not fits(found, wanted[key]):
            yield found


def _fix(project: Project, wrong: list[tuple[str, str, str]]) -> Fix | None:
    wanted = project.column_types
    conversions = [
        Conversion(table=table, column=column, was=was, wanted=wanted[table, column])
        for table, column, was in wrong
        if convertible(was, wanted[table, column])
    ]
    return new_migration(project, conversions, slug=SLUG, title=TITLE)


def _mismatch(found: Declared, wanted: ColumnType, fix: Fix | None) -> Finding:
    message = f"{found.table}.{found.column} is {found.type}, not {wanted.value}"
    by_hand = f"write a migration that makes it {wanted.value}; its keys must follow"
    return Finding(
        message=message,
        evidence=(Evidence(path=found.path, line=found.line, why=message),),
        remedy=FIX if fix else by_hand,
        fix=fix,
    )
