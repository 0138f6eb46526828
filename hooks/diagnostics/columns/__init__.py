"""The columns of the auth tables, as BA003 and BA008 compare and mend them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...migrations.conversion import (
    conversion_revision,
    conversion_sql,
    convertible,
)
from ...model import Evidence, FileEdit, Finding, Fix, Plan
from ...rendering.commands import run_alembic
from .._check import FIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...migrations.conversion import Conversion
    from ...probe import Seen
    from .._project import Project


def new_migration(
    project: Project, conversions: Sequence[Conversion], *, slug: str, title: str
) -> Fix | None:
    """Return the migration as a fix; ``None`` where it has no certain place."""
    edit = _migration(project, conversions, slug=slug, title=title)
    return None if edit is None else Fix(title=title, plan=Plan(edits=(edit,)))


def _migration(
    project: Project, conversions: Sequence[Conversion], *, slug: str, title: str
) -> FileEdit | None:
    folder = project.next_folder
    if folder is None or not conversions:
        return None
    match project.answers.migrated_by:
        case "alembic":
            return conversion_revision(
                conversions,
                project.graph,
                folder,
                file_template=project.facts.alembic_file_template.value,
                slug=slug,
                title=title,
            )
        case "sql":
            files = project.below(folder, ".sql")
            names = [path.rpartition("/")[2] for path in files]
            return conversion_sql(conversions, names, folder, slug=slug, title=title)
        case "server":
            return None


def live_mismatches(  # noqa: PLR0913 - what differs, and what mends it
    project: Project,
    seen: Seen,
    conversions: Sequence[Conversion],
    *,
    slug: str,
    title: str,
    message: Callable[[Conversion], str],
) -> Iterator[Finding]:
    """Yield what is wrong in the database itself.

    Where revisions wait to be applied, applying them comes first. Else the database
    went its own way, and a new migration brings it back.
    """
    waits = not seen.is_at(project.graph.heads)
    kept = [c for c in conversions if convertible(c.was, c.wanted)]
    fix = None if waits else new_migration(project, kept, slug=slug, title=title)
    upgrade = run_alembic(project.answers, "upgrade head")
    for conversion in conversions:
        remedy = upgrade if waits else f"run: {conversion.statement};"
        yield Finding(
            message=message(conversion),
            evidence=(Evidence(path=project.env_path, why="names this database"),),
            remedy=FIX if fix else remedy,
            fix=fix,
        )
