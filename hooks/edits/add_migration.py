"""Add the auth tables as a new revision on the project's one head.

An applied migration is never touched: what a later release or another answer needs
besides comes as a further one. Where the graph has no single head, nothing is guessed:
the report says what to run.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..discovery.alembic_configuration import environments, reads_subfolders
from ..discovery.revisions import folder_after, read_revisions
from ..migrations.alembic import revision_source
from ..migrations.change import SchemaChange, needed
from ..migrations.declared import in_order
from ..migrations.graph import Graph
from ..migrations.naming import next_revision, problem_of, revision_file, sql_path
from ..migrations.sql import migration_file, statements
from ..migrations.table_names import made_tables
from ..model import FileEdit, ManualStep, Place, Skip, Where
from ..repository.paths import below_sorted, join
from ..schema import tables_for

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "add-migration"
_LATER = ("auth_jwks", "auth_rate_limit")  # follow other answers


def add_migration(
    integration: Integration, staging: Staging, given: SchemaChange | None = None
) -> FileEdit | ManualStep | Skip:
    """Add what is missing, or else a ``given`` change, in the project's own system."""
    match integration.answers.migrated_by:
        case "alembic":
            return _add_revision(integration, staging, given)
        case "sql":
            return _add_sql_file(integration, staging, given)
        case "server":
            server = integration.answers.auth_server_dir
            why = f"the auth server makes its tables: npm run migrate, in {server}"
            if given:
                what = f"first {given.verb} {given}, in the database"
                why = f"{what}: {' '.join(statements(given).split())}"
            return Skip(operation=_OPERATION, path=server, why=why)


def _add_revision(
    integration: Integration, staging: Staging, given: SchemaChange | None = None
) -> FileEdit | ManualStep | Skip:
    everything = given or needed(integration.answers, ())
    folder = integration.facts.alembic_versions_dir.value
    if folder is None:
        return _without_folder(integration, staging, everything)
    repository = staging.repository
    subfolders = reads_subfolders(repository, integration.facts.alembic_ini.value)
    locations = integration.facts.alembic_locations.value or (folder,)
    graph = read_revisions(
        repository,
        locations,
        subfolders=subfolders,
        files=staging.files,
        read=staging.text,
    )
    folder = folder_after(graph, locations) or folder
    if stranger := _not_ours(graph, integration):
        return _manual(integration, folder, stranger, everything, graph)
    change = given or needed(integration.answers, [r.source for r in in_order(graph)])
    if not change:
        why = "the revisions create the auth tables already"
        return Skip(operation=_OPERATION, path=folder, why=why)
    why = problem_of(graph) or _undecided(change)
    if integration.facts.heads.value is None:
        why = "git ignores the folder of the revisions, so no head is certain"
    if why:
        return _manual(integration, folder, why, change, graph)
    return _revision_edit(integration, folder, graph, change)


def _without_folder(
    integration: Integration, staging: Staging, everything: SchemaChange
) -> ManualStep:
    """Take the first of several environments of Alembic, or the folder by default."""
    facts, backend = integration.facts, integration.answers.auth_backend_dir
    why = facts.heads.problem or "the folder of Alembic's revisions was not found"
    ini = facts.alembic_ini.value
    repository = staging.repository
    named = environments(repository, backend, ini) if ini else {}
    for name, locations in named.items():
        subfolders = reads_subfolders(repository, ini, name)
        graph = read_revisions(
            repository, locations, subfolders=subfolders, read=staging.text
        )
        folder = folder_after(graph, locations) or locations[0]
        why = f"{why}; this is for {name}"
        return _manual(integration, folder, why, everything, graph)
    folder = join(backend, "alembic/versions")
    return _manual(integration, folder, why, everything)


def _not_ours(graph: Graph, integration: Integration) -> str:
    """Say which of the project's own tables has a name that better-auth's needs."""
    # What plugins add comes alone as well; sync has looked at it.
    added = {table.name for table in integration.answers.auth_schema_additions}
    tables = tables_for(integration.answers)
    names = [table.name for table in tables if table.name not in added]
    for revision in graph.revisions:
        made = dict(made_tables(revision.source))
        makes = [name for name in names if name in made]
        # Ours are made together; those that came later are independent.
        if len(makes) == 1 and makes[0] not in _LATER:
            return (
                f"{revision.path} makes a table {makes[0]} of the project's own, and "
                "better-auth's needs that name; rename it first, or give the auth "
                "tables their own database (-d auth_database_layer=none)"
            )
    return ""


def _undecided(change: SchemaChange) -> str:
    if not change.drops and (column := change.undecided):
        return f"{column} needs a value in the rows that are there; decide which"
    return ""


def _revision_edit(
    integration: Integration, folder: str, graph: Graph, change: SchemaChange
) -> FileEdit:
    path, source = _revision(integration, folder, graph, change)
    where = f"after {graph.heads[0]}" if graph.heads else "first of all"
    return FileEdit(
        path=path,
        before=None,
        after=source.encode(),
        why=(f"{change.verb} {change} {where}, on PostgreSQL alone",),
    )


def _revision(
    integration: Integration, folder: str, graph: Graph, change: SchemaChange
) -> tuple[str, str]:
    """Return path and text of the revision that follows the heads."""
    revision = next_revision(graph, change.slug)
    now = datetime.now(UTC).replace(tzinfo=None)
    template = integration.facts.alembic_file_template.value
    source = revision_source(
        change,
        revision=revision,
        down_revision=graph.heads or None,
        created=now.isoformat(sep=" "),
    )
    name = revision_file(graph, template, revision, change.slug, now)
    return join(folder, name), source


def _add_sql_file(
    integration: Integration, staging: Staging, given: SchemaChange | None = None
) -> FileEdit | ManualStep | Skip:
    folder = integration.facts.alembic_versions_dir.value
    if folder is None:
        why = "the folder of the SQL files was not found"
        everything = given or needed(integration.answers, ())
        return _manual(
            integration, integration.answers.auth_backend_dir, why, everything
        )
    files = [f for f in below_sorted(staging.files, folder) if f.endswith(".sql")]
    texts = [staging.text(f) or "" for f in files]
    change = given or needed(integration.answers, texts)
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
        why=(f"{change.verb} {change}",),
    )


def _manual(
    integration: Integration,
    folder: str,
    why: str,
    change: SchemaChange,
    graph: Graph | None = None,
) -> ManualStep:
    """Return the whole file to write; two heads become one in an Alembic revision."""
    if integration.answers.migrated_by == "sql":
        path, snippet = f"{folder}/{change.slug}.sql", statements(change)
    else:
        graph = graph or Graph(revisions=())
        path, source = _revision(integration, folder, graph, change)
        snippet = source.rstrip("\n")
    return ManualStep(
        operation=_OPERATION,
        path=path,
        why=why,
        snippet=snippet,
        place=Place(where=Where.NEW),
    )
