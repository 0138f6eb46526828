"""How the recipes reach the project's database: engine, session, models, migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers.paths import package_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_SQL_GOES = {
    "alembic": "In the `upgrade` of a new revision, each by `op.execute`:",
    "sql": "As the next of the backend's SQL files:",
    "server": "The table, once the auth server has made its own:",
}


def family(given: Mapping[str, Any]) -> str:
    """Return which code reaches the database: ``new``, ``sqlalchemy``, ``none``, ...

    A new project's own code is the template's, whatever its layer is.
    """
    if given["auth_new_project"]:
        return "new"
    layer: str = given["auth_database_layer"]
    return layer.partition("_")[0]


def has_tables(given: Mapping[str, Any]) -> bool:
    """Return True if the auth tables are on the metadata of the project's models."""
    by_alembic: bool = given["auth_migrated_by"] == "alembic"
    return by_alembic and bool(given["auth_base_metadata"])


def database_words(given: Mapping[str, Any], package: str) -> dict[str, str]:
    """Return what the parts about rows and scripts need, given the auth package."""
    is_new = given["auth_new_project"]
    is_async = is_new or given["auth_database_layer"].endswith("_async")
    refers = has_tables(given)
    is_sqlmodel = family(given) in {"new", "sqlmodel"}
    key = '"auth_user.id", ondelete="CASCADE"'
    noqa = "# noqa: F401 - the foreign key needs it"
    return {
        "async_": "async " if is_async else "",
        "await_": "await " if is_async else "",
        "import_asyncio": "\nimport asyncio\n" if is_async else "",
        "run_main": "asyncio.run(main())" if is_async else "main()",
        "import_tables": f"\nfrom {package} import tables  {noqa}" if refers else "",
        "sqlmodel_refers": f"foreign_key={key}, " if refers else "",
        "owner_column": f"\n        ForeignKey({key}), index=True\n    "
        if refers
        else "index=True",
        "sqlalchemy_names": "ForeignKey, select" if refers else "select",
        "sql_goes": _SQL_GOES[given["auth_migrated_by"]],
        "known_to_alembic": _known_to_alembic(given),
        "old_user_column": _old_user_column(refers=refers, is_sqlmodel=is_sqlmodel),
        **_engine_words(given, is_async=is_async),
        **_model_words(given, is_async=is_async),
    }


def _engine_words(given: Mapping[str, Any], *, is_async: bool) -> dict[str, str]:
    module, _, name = given["auth_database_symbol"].partition(":")
    if given["auth_new_project"]:
        module, name = f"{package_prefix(given['auth_app'])}db", "engine"
    app = given["auth_app"].partition(":")[0]
    imported = f"from {module} import {name.partition('.')[0]}"
    engine = name or "engine"
    # What one test has left open belongs to an event loop that is over.
    disposes = is_async and name
    dispose = f"        client.portal.call({engine}.dispose)\n" if disposes else ""
    return {
        "session_module": module,
        "engine": engine,
        "import_engine": imported if name else f"engine = ...  # the one of {app}",
        "import_disposed": f"{imported}\n" if disposes else "",
        "dispose": dispose,
    }


def _known_to_alembic(given: Mapping[str, Any]) -> str:
    """Return where an import makes Alembic see a model."""
    module = given["auth_base_metadata"].partition(":")[0]
    if given["auth_new_project"]:
        module = f"{package_prefix(given['auth_app'])}models"
    if module in {"", "sqlmodel"}:
        return "Among the imports of Alembic's `env.py`"
    return f"At the end of `{module}`"


def _old_user_column(*, refers: bool, is_sqlmodel: bool) -> str:
    """Return the column that says who a user of the old table is, as a model has it."""
    key = '"auth_user.id", ondelete="SET NULL"'
    if is_sqlmodel:
        reference = f"foreign_key={key}, " if refers else ""
        field = f"Field(default=None, {reference}unique=True)"
        return f"auth_user_id: UUID | None = {field}"
    reference = f"ForeignKey({key}), " if refers else ""
    return f"auth_user_id: Mapped[UUID | None] = mapped_column({reference}unique=True)"


def _model_words(given: Mapping[str, Any], *, is_async: bool) -> dict[str, str]:
    """Return the base class of a model, and what is imported for it."""
    module, _, name = given["auth_base_metadata"].partition(":")
    is_base = name and not name.lower().endswith("metadata")
    body = (
        f"    metadata = {name}" if name else '    """The base of the models here."""'
    )
    orm = ["Mapped", "mapped_column"]
    orm = [*orm] if is_base else ["DeclarativeBase", *orm]
    orm = [*orm] if is_async else [*orm[:-1], "Session", orm[-1]]
    imported = f"from sqlalchemy.orm import {', '.join(orm)}"
    if is_async:
        imported = f"from sqlalchemy.ext.asyncio import AsyncSession\n{imported}"
    session = "AsyncSession" if is_async else "Session"
    sqlmodel = "sqlmodel.ext.asyncio.session" if is_async else "sqlmodel"
    return {
        "session": session,
        "import_orm": imported,
        "import_sqlmodel_session": f"from {sqlmodel} import {session}",
        "import_base": f"\nfrom {module} import {name}" if module else "",
        "base": name if is_base else "Base",
        "make_base": "" if is_base else f"class Base(DeclarativeBase):\n{body}\n\n\n",
    }
