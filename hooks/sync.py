"""Bring migrations, SQLAlchemy's tables and ``User`` in step with better-auth.

better-auth's own configuration says what it stores; everything else follows from that,
as a plan that is shown, applied whole, and undone like any other run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from .answers.plugin_endpoints import found_endpoints
from .catalogue.pinned import PINNED
from .diagnostics._project import Project
from .edits import plan_edits
from .edits.add_migration import add_migration
from .edits.extend_auth_package import extend_auth_package
from .edits.list_plugin_endpoints import list_plugin_endpoints
from .edits.record_additions import record_additions
from .errors import SchemaError
from .migrations.change import dropping, needed
from .migrations.declared import in_order
from .migrations.written import creates_table
from .probe import describe
from .rendering.endpoints import described_endpoints
from .repository.staging import Staging
from .schema.described import (
    News,
    UnknownSchemaError,
    beyond,
    stored_tables,
)
from .schema.names import snake_case
from .schema.tables import template_tables, unused_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .answers import Answers
    from .answers.additions import StoredColumn, StoredTable
    from .model import Integration, Plan
    from .probe import Description


@dataclass(frozen=True, kw_only=True)
class Sync:
    """What better-auth stores now, and what it takes to follow it."""

    plan: Plan
    news: News


def plan_sync(integration: Integration, *, drop: bool = False) -> Sync:
    """Ask better-auth, and plan what follows; writes nothing.

    What is stored no more stays, unless ``drop`` says otherwise. Raises ``SchemaError``
    where the configuration cannot be read, or stores what cannot be followed.
    """
    project = Project(integration, Staging(integration.root))
    description = describe(project.auth_server)
    if description.problem:
        raise SchemaError(description.problem)
    try:
        stored = stored_tables(description.models)
    except UnknownSchemaError as error:
        message = f"{integration.answers.auth_server_dir}: {error}"
        raise SchemaError(message) from None
    _require_names(integration, description)
    answers = integration.answers
    unused = unused_tables(answers)
    own = [table for table in template_tables() if table.name not in unused]
    found = beyond(stored, own)
    earlier = answers.auth_schema_additions
    gone = beyond(earlier, stored)
    dropped = dropping(answers, gone, [table.name for table in stored])
    new = beyond(found, earlier)
    if drop and gone and new:
        message = "there is something to add as well: run sync without --drop first"
        raise SchemaError(message)
    kept = found if drop else _joined(found, earlier)
    endpoints = found_endpoints(
        description.endpoints, described_endpoints(PINNED, answers)
    )
    now = answers.model_copy(
        update={"auth_schema_additions": kept, "auth_plugin_endpoints": endpoints}
    )
    _require_free_names(project, now)
    plan = plan_edits(
        replace(integration, answers=now),
        first=(partial(add_migration, given=dropped),) if drop and dropped else (),
        only=(
            add_migration,
            extend_auth_package(answers),
            list_plugin_endpoints(answers),
            record_additions,
        ),
    )
    return Sync(
        plan=plan,
        news=News(
            added=_names(new, (*own, *earlier)),
            gone=_names(gone, (*own, *stored)),
            changed=_changed(found, earlier),
            version=description.version,
        ),
    )


def _require_free_names(project: Project, now: Answers) -> None:
    """Refuse a new table whose name one of the project's own has already."""
    earlier = {table.name for table in project.answers.auth_schema_additions}
    paths = {r.path: r.source for r in in_order(project.graph)}
    if project.versions is not None:
        for path in project.below(project.versions, ".sql"):
            paths[path] = project.text(path) or ""
    lacking = {added.table for added in needed(now, list(paths.values())).columns}
    for table in now.auth_schema_additions:
        if table.name in earlier or table.name not in lacking:
            continue
        if any(known.name == table.name for known in template_tables()):
            continue
        where = next(p for p, text in paths.items() if creates_table(text, table.name))
        message = (
            f"{where} already creates the table {table.name}, and better-auth would "
            "use the same name; give its table another one, in the plugin's option "
            f'schema: modelName: "auth_{table.name}"'
        )
        raise SchemaError(message)


def _require_names(integration: Integration, description: Description) -> None:
    """Refuse a configuration in which FastAPI would not find what it reads."""
    known = {table.name: table for table in template_tables()}
    server = integration.answers.auth_server_dir
    if not any(model["key"] == "session" for model in description.models):
        message = (
            f"{server}: better-auth keeps its sessions elsewhere, and FastAPI reads "
            "them in auth_session: set session.storeSessionInDatabase: true"
        )
        raise SchemaError(message)
    for model in description.models:
        wanted = f"auth_{snake_case(str(model['key']))}"
        if wanted not in known:
            continue
        if model["table"] != wanted:
            message = (
                f"{server}: better-auth's {model['key']} is the table "
                f"{model['table']}, and FastAPI reads {wanted}; keep the names of "
                "src/auth/schema.ts"
            )
            raise SchemaError(message)
        columns = {str(f.get("fieldName") or f["name"]) for f in model["fields"]}
        for column in known[wanted].columns:
            if column.name not in columns:
                message = (
                    f"{server}: better-auth stores no {wanted}.{column.name} any more; "
                    "keep the names of src/auth/schema.ts"
                )
                raise SchemaError(message)


def _changed(
    found: Sequence[StoredTable], earlier: Sequence[StoredTable]
) -> tuple[str, ...]:
    """Name the columns that the database would have to have otherwise."""
    before = {(t.name, c.name): _in_database(c) for t in earlier for c in t.columns}
    return tuple(
        f"{table.name}.{column.name}"
        for table in found
        for column in table.columns
        if before.get((table.name, column.name)) not in {None, _in_database(column)}
    )


def _in_database(column: StoredColumn) -> tuple[object, ...]:
    rule = (column.nullable, column.unique, column.index)
    reference = (column.references, column.references_column, column.on_delete)
    return (column.type, *rule, *reference)


def _joined(
    found: Sequence[StoredTable], earlier: Sequence[StoredTable]
) -> tuple[StoredTable, ...]:
    """Return all that is found, and what was before and is stored no more."""
    joined = {table.name: table for table in earlier}
    for table in found:
        known = joined.get(table.name)
        if known is None:
            joined[table.name] = table
            continue
        names = {column.name for column in table.columns}
        # In the order in which they came, so that the files grow at their end alone.
        now = {column.name: column for column in table.columns}
        old = tuple(now.pop(c.name, c) for c in known.columns)
        indexes = dict.fromkeys((*known.indexes, *table.indexes))
        indexes = dict.fromkeys(
            i for i in indexes if i in table.indexes or not names & set(i.columns)
        )
        joined[table.name] = table.model_copy(
            update={"columns": (*old, *now.values()), "indexes": tuple(indexes)}
        )
    return tuple(joined.values())


def _names(
    tables: Sequence[StoredTable], others: Sequence[StoredTable]
) -> tuple[str, ...]:
    """Return a name for each table that is in no other, and for each column else."""
    known = {table.name for table in others}
    return tuple(
        name
        for table in tables
        for name in (
            [f"{table.name}.{column.name}" for column in table.columns]
            if table.name in known
            else [table.name]
        )
    )
