"""What discovery found, for people in ten seconds and for scripts as JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from ..answers import choices
from ..discovery.shared_postgres import shares_postgres
from ..model import Confidence, Heads, OwnSignIn, UserTable
from ..syntax.visible import visible
from .people import people_found
from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers import Answers
    from ..model import Fact, Facts

# Kept for later steps; not part of the published object.
_INTERNAL = frozenset(
    {"api_prefix", "app_file", "git_branch", "git_remote", "import_root"}
    | {"compose_file", "compose_migration", "compose_service", "table_schema"}
    | {"engine_is_object", "manifest_dir", "sqlite_too", "target_metadata"}
    | {"alembic_dir", "alembic_env", "alembic_options", "front_end_origin"}
    | {"presumed_table", "separate_better_auth"}
)

_ROWS = (
    ("Backend directory", "backend_dir"),
    ("Application", "app_module"),
    ("Database layer", "db_layer"),
    ("Database provider", "database_provider_hint"),
    ("Migration system", "migration_system"),
    ("Package manager", "python_package_manager"),
    ("Python", "requires_python"),
    ("Existing sign-in", "existing_auth"),
    ("Auth server", "auth_server_dir"),
    ("Front end", "frontend_dir"),
    ("Spec-Kit", "spec_kit"),
    ("Git branch", "git_branch"),
)


# Where the values of the report's rows begin.
_VALUES = 21
_MAKERS = {
    "alembic": "Alembic",
    "sql": "the project's SQL files",
    "server": "the auth server",
}
_BEFORE_AUTH_TABLES = "database_provider_hint"
_OF_THEIR_OWN = "in their own PostgreSQL; the application keeps its database"
_NOT_IN_SQLITE = "in PostgreSQL alone; where SQLite is used, no user can sign in"

_NOT_FROM_EMPTY = "not from an empty database, so the auth server makes its own tables"
_NOT_EXTENDED = "which stays as it is: this template adds a server, and extends none"
# What is true of two servers, for the report and for the refusal.
SECOND_SERVER = (
    "a second server has people and sessions of its own: who signed up at one is",
    "unknown to the other, and on one host its cookie replaces the other's",
)


def as_json(facts: Facts) -> str:
    """Return the contract's JSON object: values, ``null`` where unknown, evidence."""
    found: dict[str, object] = {}
    evidence: dict[str, list[str]] = {}
    for field in dataclasses.fields(facts):
        if field.name in _INTERNAL:
            continue
        value = getattr(facts, field.name)
        if field.name == "candidates":
            found[field.name] = [dataclasses.asdict(c) for c in facts.candidates]
        elif field.name == "ambiguous":
            found[field.name] = facts.ambiguous
        else:
            found[field.name] = _plain(value.value)
            if value.evidence:
                evidence[field.name] = [str(place) for place in value.evidence]
    return json.dumps({**found, "evidence": evidence}, indent=2) + "\n"


def render_report(facts: Facts, style: Style = PLAIN) -> str:
    """Return the report that a person reads before the first question."""
    text = "\n".join(map(visible, _lines(facts)))
    return style.paragraphs(text, _VALUES) + "\n"


def render_used(answers: Answers, style: Style = PLAIN) -> str:
    """Return what is made of what was found, for a person to agree on."""
    start = "a new one, " * answers.auth_new_project
    tables = f"in PostgreSQL ({answers.auth_database_provider})"
    maker = _MAKERS[answers.migrated_by]
    managers = (answers.auth_package_manager, answers.auth_node_package_manager)
    rows = (
        ("Application", f"{start}{answers.auth_app} in {answers.auth_backend_dir}"),
        ("Auth package", answers.auth_package_dir),
        ("Auth server", answers.auth_server_dir),
        ("Auth tables", f"{tables}, made by {maker}"),
        ("Handlers' database", answers.auth_database_layer),
        ("Packages by", " and ".join(managers)),
    )
    text = "\n".join(visible(f"  {label:<18} {value}") for label, value in rows)
    return style.paragraphs(text, _VALUES)


def _lines(facts: Facts) -> Iterator[str]:
    yield "Project structure discovered"
    yield ""
    if facts.app_module.value is None:
        yield "  No FastAPI application here: a new one is offered."
    for label, name in _ROWS:
        fact: Fact[str] = getattr(facts, name)
        yield f"  {label:<18} {_value(facts, name, fact)}".rstrip()
        for below, note in _notes(facts, name):
            yield f"  {below:<18} {note}"
    yield ""
    yield f"  Available          sign-in by {', '.join(choices.METHODS)}"
    yield f"                     deployment to {', '.join(choices.DEPLOYMENTS)}"
    if facts.compose_service.value:
        place = f"{facts.compose_service.value} in {facts.compose_file.value}"
        yield f"                     docker puts the auth server next to {place}"
    if facts.ambiguous:
        yield ""
        yield "  Several applications, and nothing says which:"
        for found in facts.candidates:
            place = f"{found.module}:{found.attr} in {found.backend_dir}"
            yield f"    {place}   ({found.reason})"


def _notes(facts: Facts, name: str) -> Iterator[tuple[str, str]]:
    """Yield what is to be known below a row, each with its label or none."""
    if name == _BEFORE_AUTH_TABLES and _keeps_its_database(facts):
        yield "Auth tables", _OF_THEIR_OWN
    elif name == _BEFORE_AUTH_TABLES and facts.sqlite_too.value:
        where = facts.sqlite_too.evidence[0]
        yield "Auth tables", f"{_NOT_IN_SQLITE}   ({where}, likely)"
    elif name == "migration_system" and facts.presumed_table.value:
        yield "", f"{_NOT_FROM_EMPTY}: {facts.presumed_table.evidence[0]}"
    elif name == "existing_auth":
        yield from people_found(facts)
    elif name == "auth_server_dir" and _is_separate(facts):
        yield "", _NOT_EXTENDED
        yield from (("", line) for line in SECOND_SERVER)


def _value(facts: Facts, name: str, fact: Fact[str]) -> str:
    if fact.value is None and fact.problem:
        return f"unknown: {fact.problem}"
    if fact.value is None or fact.value == "none":
        if name == "auth_server_dir":
            return "none yet: it will be created"
        return "none found"
    shown = fact.value
    if name == "app_module":
        shown = f"{fact.value}:{facts.app_attr.value}"
    if name == "migration_system" and facts.heads.value is not None:
        shown += f", {_heads(facts.heads.value)}"
    elif name == "migration_system" and facts.heads.problem:
        shown += f", heads unknown: {facts.heads.problem}"
    sure = "" if fact.confidence is Confidence.CERTAIN else ", likely"
    where = f"   ({fact.evidence[0]}{sure})" if fact.evidence else ""
    return f"{shown}{where}"


def _is_separate(facts: Facts) -> bool:
    """Return True if the better-auth that is shown is no server to go on with."""
    found = facts.separate_better_auth.value
    return found is not None and found == facts.auth_server_dir.value


def _keeps_its_database(facts: Facts) -> bool:
    """Return True if there are data, and not in a PostgreSQL that can be shared."""
    stored = facts.db_layer.value not in {None, "none"}
    return stored and not shares_postgres(facts)


def _heads(heads: Heads) -> str:
    return "1 head" if heads.count == 1 else f"{heads.count} heads"


def _plain(value: object) -> object:
    if isinstance(value, Heads):
        return {"count": value.count, "ids": list(value.ids)}
    if isinstance(value, OwnSignIn):
        return {
            name: [str(place) for place in places]
            for name, places in vars(value).items()
        }
    if isinstance(value, UserTable):
        return dataclasses.asdict(value)
    return [*map(_plain, value)] if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
