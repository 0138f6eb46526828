"""A new migration that gives columns of the auth tables their right types.

History is never rewritten: what was applied stays as it was, and the change comes
after it, in the project's own numbering and with the ``USING`` that keeps the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..migrations.alembic import ON_POSTGRESQL_ALONE
from ..migrations.naming import next_revision, problem_of, revision_file, sql_path
from ..model import Evidence, FileEdit, Finding, Fix, Plan
from ..rendering.commands import run_python, within
from ..schema.tables import Type
from ._check import FIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ._probe import Seen
    from ._project import Project


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """One column that gets another type."""

    table: str
    column: str
    was: str
    wanted: Type

    @property
    def statement(self) -> str:
        """The SQL, with a conversion of what the column holds."""
        return _alter(
            self, self.wanted.value, _using(self.column, self.was, self.wanted)
        )

    @property
    def back(self) -> str:
        """The SQL that takes it back."""
        name = self.column
        if self.wanted is Type.TIMESTAMP and self.was in {"datetime", "timestamp"}:
            return _alter(self, "timestamp", f"{name} AT TIME ZONE 'UTC'")
        was = {"string": "varchar", "biginteger": "bigint", "datetime": "timestamp"}
        return _alter(
            self, was.get(self.was, self.was), f"NULLIF({name}::text, '')::{self.was}"
        )


def convertible(was: str, wanted: Type) -> bool:
    """Return True if what a column holds can be kept without asking anybody.

    An id never changes alone: its foreign keys would have to change with it.
    """
    if wanted is Type.UUID:
        return False
    if wanted is Type.TEXT:
        return True
    return (was, wanted) in {
        ("integer", Type.BIGINT),
        ("int", Type.BIGINT),
        ("int4", Type.BIGINT),
        ("datetime", Type.TIMESTAMP),
        ("timestamp", Type.TIMESTAMP),
        ("int2", Type.BIGINT),
        ("text", Type.BOOLEAN),
        ("string", Type.BOOLEAN),
    }


def new_migration(
    project: Project, conversions: Sequence[Conversion], *, slug: str, title: str
) -> Fix | None:
    """Return the migration as a fix; ``None`` where it has no certain place."""
    if project.versions is None or not conversions:
        return None
    match project.answers.migrated_by:
        case "alembic":
            edit = _revision(project, project.versions, conversions, slug, title)
        case "sql":
            edit = _sql_file(project, project.versions, conversions, slug, title)
        case "server":
            edit = None
    return None if edit is None else Fix(title=title, plan=Plan(edits=(edit,)))


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
    waits = not is_applied(project, seen)
    kept = [c for c in conversions if convertible(c.was, c.wanted)]
    fix = None if waits else new_migration(project, kept, slug=slug, title=title)
    for conversion in conversions:
        by_hand = f"run: {conversion.statement};"
        remedy = upgrade_command(project) if waits else by_hand
        yield Finding(
            message=message(conversion),
            evidence=(Evidence(path=project.env_path, why="names this database"),),
            remedy=FIX if fix else remedy,
            fix=fix,
        )


def is_applied(project: Project, seen: Seen) -> bool:
    """Return True if no revision of Alembic's waits; without any, none does."""
    heads = project.graph.heads
    return not heads or set(seen.applied) == set(heads)


def upgrade_command(project: Project) -> str:
    """Return what applies the revisions that wait, in the project's environment."""
    return by_alembic(project, "upgrade head")


def by_alembic(project: Project, command: str) -> str:
    """Return a command of Alembic as this project calls it, typed at the root."""
    answers = project.answers
    manager, new = answers.auth_package_manager, answers.auth_new_project
    run = run_python(manager, new_project=new)
    return within(answers.alembic_dir, f"{run}{answers.alembic} {command}")


def _alter(conversion: Conversion, kind: str, using: str) -> str:
    return (
        f"ALTER TABLE {conversion.table} ALTER COLUMN {conversion.column} "
        f"TYPE {kind} USING {using}"
    )


def _using(name: str, was: str, wanted: Type) -> str:
    if wanted is Type.TIMESTAMP:
        return f"{name} AT TIME ZONE 'UTC'"
    if was in {"inet", "cidr"}:
        # A plain cast would leave 127.0.0.1/32.
        return f"NULLIF(host({name}), '')"
    return f"{name}::{wanted.value}"


def _revision(
    project: Project,
    folder: str,
    conversions: Sequence[Conversion],
    slug: str,
    title: str,
) -> FileEdit | None:
    graph = project.graph
    if not graph.heads or problem_of(graph):
        return None
    head = graph.heads[0]
    revision = next_revision(graph, slug)
    now = datetime.now(UTC).replace(tzinfo=None)
    template = project.facts.alembic_file_template.value
    name = revision_file(graph, template, revision, slug, now)
    path = f"{folder}/{name}"
    source = "\n".join(
        [
            f'"""{title[:1].upper()}{title[1:]}',
            "",
            f"Revision ID: {revision}",
            f"Revises: {head}",
            f"Create Date: {now.isoformat(sep=' ')}",
            '"""',
            "",
            "from alembic import op",
            "",
            "# revision identifiers, used by Alembic.",
            f'revision = "{revision}"',
            f'down_revision = "{head}"',
            "branch_labels = None",
            "depends_on = None",
            "",
            "",
            "def upgrade() -> None:",
            *ON_POSTGRESQL_ALONE,
            *(_executed(c.statement) for c in conversions),
            "",
            "",
            "def downgrade() -> None:",
            *ON_POSTGRESQL_ALONE,
            *(_executed(c.back) for c in reversed(conversions)),
            "",
        ]
    )
    return FileEdit(path=path, before=None, after=source.encode(), why=(title,))


def _executed(statement: str) -> str:
    table, using = statement.split(" USING ")
    return f'    op.execute(\n        "{table} "\n        "USING {using}"\n    )'


def _sql_file(
    project: Project,
    folder: str,
    conversions: Sequence[Conversion],
    slug: str,
    title: str,
) -> FileEdit | None:
    names = [path.rpartition("/")[2] for path in project.below(folder, ".sql")]
    path = sql_path(folder, names, slug) if names else None
    if path is None:
        return None
    body = "".join(f"{c.statement};\n" for c in conversions)
    return FileEdit(path=path, before=None, after=body.encode(), why=(title,))
