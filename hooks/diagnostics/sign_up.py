"""BA020: nothing in the database may refuse the rows that a sign-up stores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._check import Broken, Check, problem
from ._probe import ask_server, look, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..migrations.declared import Declared
    from ..model import Finding
    from ._project import Project

_REVISION = "{versions}/*_add_auth_tables.py"
# better-auth answers 422 where the database refused its insert.
_REFUSED = re.compile(r"a sign-up answers (?:5\d\d|.{0,300}FAILED_TO_CREATE_)")


def _later(*statements: str) -> str:
    """Return a revision after the auth tables' own, for the examples."""
    body = "".join(f"    {statement}\n" for statement in statements)
    return (
        'revision = "later"\ndown_revision = "{head}"\n\nimport sqlalchemy as sa\n'
        f"from alembic import op\n\n\ndef upgrade():\n{body}\n\ndef downgrade():\n"
        "    pass\n"
    )


class SignUp(Check):
    """better-auth fills the columns that it knows, and no others.

    A column of your own in an auth table that is ``NOT NULL`` without a default makes
    every sign-up fail with a 500, and so does one of better-auth's optional columns
    where it was made ``NOT NULL``. Give it a default in the database, allow ``NULL``,
    or let better-auth fill it: ``additionalFields`` in ``auth.config.ts``. Where the
    packages are installed and the database answers, a test user is signed up, in
    a transaction that is rolled back.
    """

    code = "BA020"
    name = "sign-up"
    healthy = "nothing refuses the rows of a sign-up"
    proof = (
        "migrations replayed as text, models by syntax tree; PostgreSQL's catalogue; a "
        "rolled-back sign-up at the started server"
    )
    example = 'op.add_column("auth_user", sa.Column("plan", sa.Text(), nullable=True))'
    broken = (
        Broken(
            title="its own column that must be filled",
            path="{versions}/later_plan.py",
            after=_later(
                'op.add_column("auth_user", sa.Column("plan", sa.Text(), '
                "nullable=False))"
            ),
        ),
        Broken(
            title="the same within a batch",
            path="{versions}/later_batch.py",
            after=_later(
                'with op.batch_alter_table("auth_session") as batch:',
                '    batch.add_column(sa.Column("tenant", sa.Text(), nullable=False))',
            ),
        ),
        Broken(
            title="the same in SQL",
            path="{versions}/later_sql.py",
            after=_later(
                'op.execute("ALTER TABLE auth_account ADD COLUMN tenant text NOT NULL")'
            ),
        ),
        Broken(
            title="a default that is taken away once the rows are filled",
            path="{versions}/later_default.py",
            after=_later(
                'op.add_column("auth_user", sa.Column("plan", sa.Text(), '
                'nullable=False, server_default="free"))',
                'op.alter_column("auth_user", "plan", server_default=None)',
            ),
        ),
        Broken(
            title="an optional column that must be filled",
            path="{versions}/later_image.py",
            after=_later('op.alter_column("auth_user", "image", nullable=False)'),
        ),
        Broken(
            title="a model with a column that must be filled",
            path="{backend}/app/people.py",
            after=(
                "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n"
                "class Base(DeclarativeBase):\n    pass\n\n\nclass Person(Base):\n"
                '    __tablename__ = "auth_user"\n\n'
                "    id: Mapped[str] = mapped_column(primary_key=True)\n"
                "    plan: Mapped[str] = mapped_column()\n"
            ),
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for required columns in migrations and models."""
        seen: set[tuple[str, str]] = set()
        for found in (*project.migrated.values(), *project.modelled):
            key = found.table, found.column
            if found.is_required and key not in seen and not _is_filled(project, *key):
                seen.add(key)
                yield _refused(found)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask the catalogue, and whether the rolled-back sign-up was stored."""
        seen = look(project)
        if seen.reason:
            yield unasked(project, seen.reason)
            return
        refusing = [key for key in seen.required if not _is_filled(project, *key)]
        for table, column in refusing:
            yield problem(
                f"{table}.{column} must be filled in the database, and better-auth "
                "does not",
                project.env_path,
                remedy=_remedy(table, column),
            )
        server = ask_server(project)
        if not refusing and _REFUSED.search(server.unwritten):
            yield problem(
                f"sign-up fails: {server.unwritten}",
                project.env_path,
                remedy="the auth server's log names the table and the reason",
            )


def _refused(found: Declared) -> Finding:
    return problem(
        f"{found.table}.{found.column} must be filled, and better-auth does not",
        *found.required_at,
        remedy=_remedy(found.table, found.column),
    )


def _remedy(table: str, column: str) -> str:
    return (
        f"a new migration: ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL; "
        f"or SET DEFAULT in its place"
    )


def _is_filled(project: Project, table: str, column: str) -> bool:
    """Return True where better-auth writes a column with every row.

    One of the project's own that the auth server's code names is its business.
    """
    known = next((t for t in project.tables if t.name == table), None)
    if known is None:
        return True
    for one in known.columns:
        if one.name == column:
            return not one.nullable
    first, *rest = column.split("_")
    names = {column, first + "".join(part.title() for part in rest)}
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")
    return any(
        word.search(script.source.decode(errors="replace"))
        for script in project.scripts.values()
    )
