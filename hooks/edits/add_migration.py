"""Add the auth tables as a new revision on the project's one head.

An applied migration is never touched. Where the graph has no single head, nothing is
guessed: the report says what to run.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..migration_graph import Graph, creates_table, read_graph
from ..model import FileEdit, ManualStep, Skip
from ..schema import creates_triggers, tables_for, triggers_for
from ..schema.alembic import revision_source
from ..schema.sql import create_statements, migration_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Integration
    from ..schema import Table
    from .staging import Staging

_OPERATION = "add-migration"
_MESSAGE = "Add the auth tables"
_SLUG = "add_auth_tables"
_TRIGGERS_MESSAGE = "Notify of changed sessions"
_TRIGGERS_SLUG = "notify_of_changed_sessions"
_LATER = ("auth_jwks", "auth_rate_limit")  # follow other answers
_DEFAULT_TEMPLATE = "%(rev)s_%(slug)s"


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
    folder = integration.facts.alembic_versions_dir.value
    if folder is None:
        why = "the folder of Alembic's revisions was not found"
        return _manual(integration, integration.answers.auth_backend_dir, why)
    repository = staging.repository
    inside = [f for f in repository.files if f.startswith(f"{folder}/")]
    graph = read_graph([*inside, *repository.ignored_in(folder)], staging.text)
    if stranger := _not_ours(graph, integration):
        return _manual(integration, folder, stranger)
    missing = _missing(tables_for(integration.answers), graph)
    triggers = triggers_for(integration.answers)
    if any(creates_triggers(revision.source) for revision in graph.revisions):
        triggers = ()
    if not missing and not triggers:
        why = "the revisions create the auth tables already"
        return Skip(operation=_OPERATION, path=folder, why=why)
    if integration.facts.heads.value is None:
        why = "git ignores the folder of the revisions, so no head is certain"
        return _manual(integration, folder, why)
    if problem := _problem(graph):
        return _manual(integration, folder, problem)
    return _revision_edit(integration, folder, graph, missing, triggers)


def _missing(tables: Sequence[Table], graph: Graph) -> list[Table]:
    return [
        table
        for table in tables
        if not any(creates_table(revision, table.name) for revision in graph.revisions)
    ]


def _not_ours(graph: Graph, integration: Integration) -> str:
    """Say which of the project's own tables has a name that better-auth's needs."""
    names = [table.name for table in tables_for(integration.answers)]
    for name in names:
        for revision in graph.revisions:
            makes = [n for n in names if creates_table(revision, n)]
            # Ours are made together; those that came later stand on their own.
            if makes == [name] and name not in _LATER:
                return (
                    f"{revision.path} makes a table {name} of the project's own, and "
                    "better-auth's needs that name; rename it first, or give the auth "
                    "tables a database of their own (-d auth_database_layer=none)"
                )
    return ""


def _problem(graph: Graph) -> str:
    if graph.missing_parents:
        return f"the chain is broken: no file defines {graph.missing_parents[0]}"
    if len(graph.heads) > 1:
        heads = ", ".join(graph.heads)
        return f"there are {len(graph.heads)} heads ({heads}); merge them first"
    return ""


def _revision_edit(
    integration: Integration,
    folder: str,
    graph: Graph,
    tables: list[Table],
    triggers: tuple[str, ...],
) -> FileEdit:
    head = graph.heads[0] if graph.heads else None
    revision = _next_id(graph, head)
    now = datetime.now(UTC).replace(tzinfo=None)
    template = integration.facts.alembic_file_template.value or _DEFAULT_TEMPLATE
    slug = _SLUG if tables else _TRIGGERS_SLUG
    path = str(PurePosixPath(folder, f"{_file_name(template, revision, now, slug)}.py"))
    source = revision_source(
        tables,
        triggers=triggers,
        message=_MESSAGE if tables else _TRIGGERS_MESSAGE,
        revision=revision,
        down_revision=head,
        created=now.isoformat(sep=" "),
    )
    why = f"create {_named(tables, triggers)} after {head or 'nothing'}"
    return FileEdit(path=path, before=None, after=source.encode(), why=(why,))


def _named(tables: Sequence[Table], triggers: Sequence[str]) -> str:
    names = [table.name for table in tables]
    return ", ".join([*names, "the triggers"] if triggers else names)


def _next_id(graph: Graph, head: str | None) -> str:
    """Count on where revisions are numbered, else make a hash as Alembic's look."""
    ids = [revision.id for revision in graph.revisions]
    if ids and all(re.fullmatch(r"\d{1,6}", identity) for identity in ids):
        width = max(map(len, ids))
        return str(max(map(int, ids)) + 1).zfill(width)
    return hashlib.sha256(f"{head}:{_SLUG}".encode()).hexdigest()[:12]


def _file_name(template: str, revision: str, now: datetime, slug: str) -> str:
    values = {
        "rev": revision,
        "slug": slug,
        "epoch": int(now.timestamp()),
        "year": now.year,
        "month": now.month,
        "day": now.day,
        "hour": now.hour,
        "minute": now.minute,
        "second": now.second,
    }
    try:
        return template.replace("%%", "%") % values
    except (KeyError, TypeError, ValueError):
        return _DEFAULT_TEMPLATE % values


def _add_sql_file(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    folder = integration.facts.alembic_versions_dir.value
    if folder is None:
        why = "the folder of the SQL files was not found"
        return _manual(integration, integration.answers.auth_backend_dir, why)
    files = [f for f in staging.repository.files if f.startswith(f"{folder}/")]
    scripts = sorted(f.rpartition("/")[2] for f in files if f.endswith(".sql"))
    tables = tables_for(integration.answers)
    triggers = triggers_for(integration.answers)
    written = "\n".join(staging.text(f) or "" for f in files if f.endswith(".sql"))
    if re.search(r"(?i)create\s+table\s+[\w\s\".]*auth_user\b", written):
        tables = ()
    if creates_triggers(written):
        triggers = ()
    if not tables and not triggers:
        why = "the SQL files create the auth tables already"
        return Skip(operation=_OPERATION, path=folder, why=why)
    numbers = [m[1] for name in scripts if (m := re.match(r"(\d+)[_-]", name))]
    if scripts and len(numbers) != len(scripts):
        return _manual(integration, folder, "the files follow no numbering to go on")
    width = max(map(len, numbers), default=3)
    number = str(max(map(int, numbers), default=0) + 1).zfill(width)
    if width == len("20261231235959"):
        now = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
        number = max(number, now)
    return FileEdit(
        path=f"{folder}/{number}_{_SLUG if tables else _TRIGGERS_SLUG}.sql",
        before=None,
        after=migration_file(tables, triggers, written).encode(),
        why=(f"create {_named(tables, triggers)}",),
    )


def _manual(integration: Integration, path: str, why: str) -> ManualStep:
    command = f'alembic revision -m "{_MESSAGE}"'
    if integration.answers.auth_migration_system == "sql":
        tables = tables_for(integration.answers)
        body = create_statements(tables, triggers_for(integration.answers))
        return ManualStep(operation=_OPERATION, path=path, why=why, snippet=body)
    source = revision_source(
        tables_for(integration.answers),
        triggers=triggers_for(integration.answers),
        message=_MESSAGE,
        revision="<made by the command>",
        down_revision="<made by the command>",
        created="",
    )
    body = source[source.index("def upgrade") :]
    return ManualStep(
        operation=_OPERATION,
        path=path,
        why=why,
        snippet=f"{command}\n\n# in the file that it makes:\n{body}",
    )
