"""Bring migrations, SQLAlchemy's tables and ``User`` in step with better-auth.

better-auth's own configuration says what it stores; everything else follows from that,
as a plan that is shown, applied whole, and undone like any other run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .diagnostics._project import Project
from .edits import plan_edits
from .edits.add_migration import add_migration
from .edits.extend_auth_package import extend_auth_package
from .edits.record_additions import record_additions
from .errors import SchemaError
from .probe import describe
from .repository.staging import Staging
from .schema.described import UnknownSchemaError, additions_of, stored_tables
from .schema.tables import template_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .answers.additions import StoredTable
    from .model import Integration, Plan
    from .probe import Description

# What FastAPI reads by name, by better-auth's name of it.
_FIXED = {
    "user": "auth_user",
    "session": "auth_session",
    "account": "auth_account",
    "verification": "auth_verification",
    "rateLimit": "auth_rate_limit",
    "jwks": "auth_jwks",
}


@dataclass(frozen=True, kw_only=True)
class Sync:
    """What better-auth stores, and what it takes to follow it.

    ``added`` and ``gone`` are tables and ``table.column``s: new here, and stored no
    more by the configuration; those stay, unless they are to be dropped.
    """

    plan: Plan
    added: tuple[str, ...]
    gone: tuple[str, ...]
    version: str
    plugins: tuple[str, ...]

    @property
    def in_step(self) -> bool:
        """Whether nothing is to be done."""
        return not self.plan.edits and not self.plan.manual_steps

    @property
    def possible(self) -> bool:
        """Whether it can be applied whole: nothing of it is left to a person."""
        return not self.plan.manual_steps


def plan_sync(integration: Integration) -> Sync:
    """Ask better-auth, and plan what follows; writes nothing.

    Raises ``SchemaError`` where the configuration cannot be read, or stores what cannot
    be followed.
    """
    description = _described(integration)
    try:
        stored = stored_tables(description.models)
    except UnknownSchemaError as error:
        message = f"{integration.answers.auth_server_dir}: {error}"
        raise SchemaError(message) from None
    _require_names(integration, description)
    answers = integration.answers
    unused = () if answers.credential == "token" else ("auth_jwks",)
    found = additions_of(stored, unused)
    earlier = answers.auth_schema_additions
    kept = _joined(found, earlier)
    now = answers.model_copy(update={"auth_schema_additions": kept})
    plan = plan_edits(
        replace(integration, answers=now),
        only=(add_migration, extend_auth_package(answers), record_additions),
    )
    return Sync(
        plan=plan,
        added=_beyond(found, earlier),
        gone=_beyond(earlier, found),
        version=description.version,
        plugins=description.plugins,
    )


def _described(integration: Integration) -> Description:
    project = Project(integration, Staging(integration.root))
    server = project.auth_server
    description = describe(server.folder, server.name, server.config)
    if description.problem:
        raise SchemaError(description.problem)
    return description


def _require_names(integration: Integration, description: Description) -> None:
    """Refuse a configuration in which FastAPI would not find what it reads."""
    known = {table.name: table for table in template_tables()}
    server = integration.answers.auth_server_dir
    for model in description.models:
        wanted = _FIXED.get(model["key"])
        if wanted is None:
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


def _beyond(
    tables: Sequence[StoredTable], others: Sequence[StoredTable]
) -> tuple[str, ...]:
    return tuple(_names_beyond(tables, others))


def _names_beyond(
    tables: Sequence[StoredTable], others: Sequence[StoredTable]
) -> Iterator[str]:
    template = {table.name for table in template_tables()}
    known = {table.name: {c.name for c in table.columns} for table in others}
    for table in tables:
        if table.name not in known and table.name not in template:
            yield table.name
            continue
        have = known.get(table.name, set())
        yield from (
            f"{table.name}.{c.name}" for c in table.columns if c.name not in have
        )
