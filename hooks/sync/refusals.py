"""What sync refuses before it plans anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SchemaError
from ..migrations.change import needed
from ..migrations.declared import fits
from ..migrations.written import creates_table
from ..schema.names import snake_case
from ..schema.tables import template_tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..answers import Answers
    from ..answers.additions import StoredTable
    from ..migrations.declared import Declared
    from ..model import Integration
    from ..probe import Description


def require_free_names(
    now: Answers, known: Collection[str], paths: Mapping[str, str]
) -> None:
    """Refuse a new table whose name one of the project's own has already.

    Those that are ``known`` are better-auth's; ``paths`` are the migrations' texts.
    """
    lacking = {added.table for added in needed(now, list(paths.values())).columns}
    for table in now.auth_schema_additions:
        if table.name in known or table.name not in lacking:
            continue
        if any(own.name == table.name for own in template_tables()):
            continue
        where = next(p for p, text in paths.items() if creates_table(text, table.name))
        message = (
            f"{where} already creates the table {table.name}, and better-auth would "
            "use the same name; give its table another one, in the plugin's option "
            f'schema: modelName: "auth_{table.name}"'
        )
        raise SchemaError(message)


def require_types(
    new: Iterable[StoredTable], declared: Mapping[tuple[str, str], Declared]
) -> None:
    """Refuse a new column that migrations have made already, with another type."""
    for table in new:
        for column in table.columns:
            there = declared.get((table.name, column.name))
            if there is None or fits(there, column.type):
                continue
            message = (
                f"{there.path}:{there.line} already makes {table.name}.{column.name}, "
                f"as {there.type}, and better-auth would use it as {column.type}; give "
                "the field another name with fieldName, or change its type in a "
                "migration first"
            )
            raise SchemaError(message)


def require_names(integration: Integration, description: Description) -> None:
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
