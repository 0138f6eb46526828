"""Moments without a time zone in the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...answers.additions import ColumnType
from ...migrations.conversion import Conversion
from ...probe import look
from .._check import unasked
from . import live_mismatches
from .declared_moments import SLUG, TITLE, moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


def probe(project: Project) -> Iterator[Finding]:
    """Ask the live catalogue."""
    seen = look(project.auth_server)
    if seen.reason:
        yield unasked(project, seen.reason)
        return
    naive = [
        Conversion(table=t, column=c, was="timestamp", wanted=ColumnType.TIMESTAMP)
        for t, c in sorted(moments(project))
        if seen.columns.get((t, c)) == "timestamp"
    ]
    yield from live_mismatches(
        project, seen, naive, slug=SLUG, title=TITLE, message=_in_database
    )


def _in_database(found: Conversion) -> str:
    return f"{found.table}.{found.column} forgets the time zone in the database"
