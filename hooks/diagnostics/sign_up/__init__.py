"""BA020: nothing in the database may refuse the rows that a sign-up stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import refused_rows, required_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


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
    broken = (*required_columns.BROKEN,)

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for required columns in migrations and models."""
        yield from required_columns.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask the catalogue, and whether the rolled-back sign-up was stored."""
        yield from refused_rows.probe(project)
