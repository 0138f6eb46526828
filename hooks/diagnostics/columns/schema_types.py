"""BA003: columns must have the types that better-auth writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import declared_types, live_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


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
    broken = (*declared_types.BROKEN,)

    def detect(self, project: Project) -> Iterator[Finding]:
        """Compare what migrations and models declare."""
        yield from declared_types.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Compare with the live catalogue."""
        yield from live_types.probe(project)
