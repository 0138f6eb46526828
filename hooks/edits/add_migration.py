"""Add the auth tables as a new revision on the project's one head.

An applied migration is never touched: what a later release or another answer needs
besides comes as a further one. Where the graph has no single head, nothing is guessed:
the report says what to run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..migration_files import next_revision, problem_of, revision_path, sql_path
from ..model import FileEdit, ManualStep, Skip
from ..repository.migration_graph import read_graph
from ..schema import SchemaChange, needed, tables_for
from ..schema.alembic import revision_source
from ..schema.sql import migration_file, statements
from ..schema.written import creates_table

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.migration_graph import Graph
    from .staging import Staging

_OPERATION = "add-migration"
_LATER = ("auth_jwks", "auth_rate_limit")  # follow other answers


def add_migration(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Add what is missing in the project's own migration system."""
    match integration.answers.auth_migration_system:
        case "alembic":
            return _add_revision(integration, staging)
        case "sql":
            return _add_sql_file(integration, staging)
        case "none":
            server = integration.answers.auth_server_dir
            why = f"the auth server makes its tables: npm run migrate, in {server}"
            return Skip(operation=_OPERATION, path=server, why=why)


def _add_revision(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    everything = needed(integration.answers, ())
    folder = integration.facts.alembic_versions_dir.value
    if folder is None:
        facts = integration.facts
        path = facts.alembic_ini.value or integration.answers.auth_backend_dir
        why = facts.heads.problem or "the folder of Alembic's revisions was not found"
        return _manual(integration, path, why, everything)
    repository = staging.repository
    inside = [f for f in repository.files if f.startswith(f"{folder}/")]
    graph = read_graph([*inside, *repository.ignored_in(folder)], staging.text)
    if stranger := _not_ours(graph, integration):
        return _manual(integration, folder, stranger, everything)
    change = needed(integration.answers, [r.source for r in graph.revisions])
    if not change:
        why = "the revisions create the auth tables already"
        return Skip(operation=_OPERATION, path=folder, why=why)
    why = problem_of(graph) or _undecided(change)
    if integration.facts.heads.value is None:
        why = "git ignores the folder of the revisions, so no head is certain"
    if why:
        return _manual(integration, folder, why, change)
    return _revision_edit(integration, folder, graph, change)


def _not_ours(graph: Graph, integration: Integration) -> str:
    """Say which of the project's own tables has a name that better-auth's needs."""
    names = [table.name for table in tables_for(integration.answers)]
    for name in names:
        for revision in graph.revisions:
            makes = [n for n in names if creates_table(revision.source, n)]
            # Ours are made together; those that came later stand on their own.
            if makes == [name] and name not in _LATER:
                return (
                    f"{revision.path} makes a table {name} of the project's own, and "
                    "better-auth's needs that name; rename it first, or give the auth "
                    "tables a database of their own (-d auth_database_layer=none)"
                )
    return ""


def _undecided(change: SchemaChange) -> str:
    if column := change.undecided:
        return f"{column} needs a value in the rows that are there; decide which"
    return ""


def _revision_edit(
    integration: Integration, folder: str, graph: Graph, change: SchemaChange
) -> FileEdit:
    head = graph.heads[0] if graph.heads else None
    revision = next_revision(graph, change.slug)
    now = datetime.now(UTC).replace(tzinfo=None)
    template = integration.facts.alembic_file_template.value
    source = revision_source(
        change,
        revision=revision,
        down_revision=head,
        created=now.isoformat(sep=" "),
    )
    where = f"after {head}" if head else "first of all"
    return FileEdit(
        path=revision_path(folder, template, revision, change.slug, now),
        before=None,
        after=source.encode(),
        why=(f"create {change} {where}, on PostgreSQL alone",),
    )


def _add_sql_file(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    folder = integration.facts.alembic_versions_dir.value
    if folder is None:
        why = "the folder of the SQL files was not found"
        everything = needed(integration.answers, ())
        return _manual(
            integration, integration.answers.auth_backend_dir, why, everything
        )
    files = [
        f
        for f in staging.repository.files
        if f.startswith(f"{folder}/") and f.endswith(".sql")
    ]
    texts = [staging.text(f) or "" for f in files]
    change = needed(integration.answers, texts)
    if not change:
        why = "the SQL files create the auth tables already"
        return Skip(operation=_OPERATION, path=folder, why=why)
    path = sql_path(folder, [f.rpartition("/")[2] for f in files], change.slug)
    why = _undecided(change)
    if path is None:
        why = "the files follow no numbering to go on"
    if path is None or why:
        return _manual(integration, folder, why, change)
    return FileEdit(
        path=path,
        before=None,
        after=migration_file(change, "\n".join(texts)).encode(),
        why=(f"create {change}",),
    )


def _manual(
    integration: Integration, path: str, why: str, change: SchemaChange
) -> ManualStep:
    if integration.answers.auth_migration_system == "sql":
        snippet = statements(change)
    else:
        source = revision_source(
            change,
            revision="<made by the command>",
            down_revision="<made by the command>",
            created="",
        )
        snippet = (
            f'alembic revision -m "{change.title}"\n\n'
            f"# in the file that it makes:\n{source[source.index('def upgrade') :]}"
        )
    return ManualStep(operation=_OPERATION, path=path, why=why, snippet=snippet)
