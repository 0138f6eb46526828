"""BA008: every moment must carry its time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import declared_moments, live_moments, naive_now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


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
        *declared_moments.BROKEN,
        *naive_now.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for moments without a zone in migrations, models and the package."""
        yield from declared_moments.find(project)
        yield from naive_now.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask the live catalogue."""
        yield from live_moments.probe(project)
