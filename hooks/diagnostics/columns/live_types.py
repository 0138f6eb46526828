"""Types that PostgreSQL's catalogue has, and better-auth does not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...answers.additions import ColumnType
from ...migrations.conversion import Conversion
from ...probe import look
from .._check import unasked
from . import live_mismatches
from .declared_types import SLUG, TITLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# PostgreSQL's own short names, as its catalogue has them.
_CATALOGUE = {
    ColumnType.TEXT: {"text", "varchar", "citext", "bpchar"},
    ColumnType.UUID: {"uuid"},
    ColumnType.BOOLEAN: {"bool"},
    ColumnType.TIMESTAMP: {"timestamptz", "timestamp"},
    ColumnType.INTEGER: {"int4", "int8"},
    ColumnType.BIGINT: {"int8"},
    ColumnType.JSON: {"json", "jsonb"},
}


def probe(project: Project) -> Iterator[Finding]:
    """Compare with the live catalogue."""
    seen = look(project.auth_server)
    if seen.reason:
        yield unasked(project, seen.reason)
        return
    wanted = project.column_types
    wrong = [
        Conversion(table=key[0], column=key[1], was=kind, wanted=wanted[key])
        for key, kind in seen.columns.items()
        if key in wanted and kind not in _CATALOGUE[wanted[key]]
    ]
    yield from live_mismatches(
        project, seen, wrong, slug=SLUG, title=TITLE, message=_in_database
    )


def _in_database(found: Conversion) -> str:
    column = f"{found.table}.{found.column}"
    return f"{column} is {found.was} in the database, not {found.wanted.value}"
