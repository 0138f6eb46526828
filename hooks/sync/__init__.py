"""Bring migrations, SQLAlchemy's tables and ``User`` in step with better-auth.

better-auth's own configuration says what it stores; everything else follows from that,
as a plan that is shown, applied whole, and undone like any other run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..answers.additions import ColumnType
from ..answers.plugin_endpoints import found_endpoints
from ..catalogue.pinned import PINNED
from ..diagnostics._project import Project
from ..edits import plan_edits
from ..edits.add_migration import add_migration
from ..edits.extend_auth_package import extend_auth_package
from ..edits.keep_names import keep_names
from ..edits.list_plugin_endpoints import list_plugin_endpoints
from ..edits.record_additions import record_additions
from ..errors import SchemaError
from ..migrations.change import dropping, loosening, renaming
from ..migrations.declared import fits, in_migrations, in_order
from ..migrations.sql import statements
from ..probe import describe, look
from ..rendering.endpoints import described_endpoints
from ..repository.staging import Staging
from ..schema.described import (
    News,
    UnknownSchemaError,
    beyond,
    stored_tables,
)
from ..schema.kept_names import by_kept_names, kept_names
from ..schema.renames import resolve_renames
from ..schema.tables import Table, template_tables, unused_tables
from .differences import changed, joined, loosened, names
from .refusals import require_free_names, require_names, require_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..model import Integration, Plan
    from ..schema.renames import Rename


@dataclass(frozen=True, kw_only=True)
class Sync:
    """What better-auth stores now, and what it takes to follow it.

    ``in_database`` is SQL that no migration has, where the auth server migrates.
    """

    plan: Plan
    news: News
    in_database: str = ""


def plan_sync(
    integration: Integration,
    *,
    drop: bool = False,
    renamed: Sequence[Rename] = (),
    ask: Callable[[Rename], bool] | None = None,
) -> Sync:
    """Ask better-auth, and plan what follows; writes nothing.

    What is stored no more stays, unless ``drop`` says otherwise, or it is ``renamed``.
    ``ask`` is asked for what only looks so. Raises ``SchemaError`` where the
    configuration cannot be read, or stores what cannot be followed.
    """
    project = Project(integration, Staging(integration.root))
    description = describe(project.auth_server)
    if description.problem:
        raise SchemaError(description.problem)
    migrations = _migrations(project)
    try:
        kept, unasked = _kept_names(project, description.models)
        stored = stored_tables(by_kept_names(description.models, kept))
    except UnknownSchemaError as error:
        message = f"{integration.answers.auth_server_dir}: {error}"
        raise SchemaError(message) from None
    require_names(integration, description)
    answers = integration.answers
    unused = unused_tables(answers)
    own = [table for table in template_tables() if table.name not in unused]
    found = beyond(stored, own)
    fixed = [table.name for table in template_tables()]
    recorded = answers.auth_schema_additions
    resolved = resolve_renames(recorded, found, fixed, renamed, ask)
    earlier = resolved.earlier
    gone = beyond(earlier, stored)
    new = beyond(found, earlier)
    if drop and gone and (new or resolved.renames):
        message = "there is something to add as well: run sync without --drop first"
        raise SchemaError(message)
    before = answers.model_copy(update={"auth_schema_additions": earlier})
    unfilled = [table for table in gone if table.name in {s.name for s in stored}]
    additions = found if drop else loosened(joined(found, earlier), unfilled)
    endpoints = found_endpoints(
        description.endpoints, described_endpoints(PINNED, answers)
    )
    now = answers.model_copy(
        update={"auth_schema_additions": additions, "auth_plugin_endpoints": endpoints}
    )
    known = {*kept, *(table.name for table in recorded)}
    require_free_names(now, known, migrations)
    following = replace(integration, answers=now)
    if new:
        migrated = Project(following, Staging(integration.root)).migrated
        require_types(new, migrated)
    changes = [
        renaming(answers, before, resolved.renames),
        dropping(answers, gone, [table.name for table in stored])
        if drop
        else loosening(before, unfilled),
    ]
    first = [change for change in changes if change]
    plan = plan_edits(
        following,
        first=[partial(add_migration, given=change) for change in first],
        only=(
            keep_names(kept),
            add_migration,
            extend_auth_package(answers, resolved.renames),
            list_plugin_endpoints(answers),
            record_additions,
        ),
    )
    return Sync(
        plan=plan,
        news=News(
            added=names(new, (*own, *earlier)),
            gone=names(gone, (*own, *stored)),
            changed=changed(found, earlier),
            renamed=tuple(map(str, resolved.renames)),
            maybe_renamed=tuple(map(str, resolved.open)),
            kept=kept,
            unasked=unasked,
            version=description.version,
        ),
        in_database="".join(map(statements, first))
        if answers.migrated_by == "server"
        else "",
    )


def _migrations(project: Project) -> dict[str, str]:
    """Return the text of each of the project's migrations by its path, in order."""
    paths = {r.path: r.source for r in in_order(project.graph)}
    if project.versions is not None:
        for path in project.below(project.versions, ".sql"):
            paths[path] = project.text(path) or ""
    return paths


def _kept_names(
    project: Project, models: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, ...], str]:
    """Return what an older set-up has made by better-auth's own names.

    Migrations say so; where there are none, the database, or the second value says why
    it does not.
    """
    recorded = project.answers.auth_schema_additions
    if not beyond(beyond(stored_tables(models), template_tables()), recorded):
        return (), ""
    reason = ""
    if project.answers.migrated_by == "server":
        seen = look(project.auth_server)
        reason = seen.reason
        holds_ids = {key: kind == "uuid" for key, kind in seen.columns.items()}
    else:
        own = {str(model[name]): None for model in models for name in ("key", "table")}
        tables = tuple(Table(name=name, columns=()) for name in own)
        schema = replace(project.schema, tables=tables)
        holds_ids = {
            key: fits(column, ColumnType.UUID)
            for key, column in in_migrations(schema).items()
        }

    def columns_of(table: str) -> dict[str, bool]:
        return {c: holds for (name, c), holds in holds_ids.items() if name == table}

    known = {table.name for table in (*template_tables(), *recorded)}
    return tuple(kept_names(models, known, columns_of)), reason
