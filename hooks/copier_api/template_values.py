"""What follows from the answers alone, once for all templates: each value by its name.

A template that needs one of these writes ``{% if password %}`` and no comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..answers.existing_users import parse_table
from ..answers.paths import place
from ..catalogue.methods import social_providers
from ..rendering.commands import alembic_command, source_of, tool, within
from ..rendering.dev_commands import dev_commands
from ..rendering.existing_users import TAKE_ALONG, existing_users_words
from ..rendering.recipes import recipe_page, recipe_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

_BROUGHT_ALONG = ("embedded", "docker", "local")
_MIGRATE_FIRST = {
    "alembic": "run `alembic upgrade head` in the backend first",
    "sql": "apply the SQL files of the backend first",
}
_MIGRATES = {
    "server": "brings the tables up to date",
    "alembic": "brings the tables up to date (`alembic upgrade head`)",
    "sql": "makes sure that the tables are there",
}
# How an address shows that it is a transaction pooler's.
_POOLERS = {"neon": "`-pooler.` in the host", "supabase": "port 6543"}
_CLIENTS = {"plain": "client"}


def template_values(given: Mapping[str, Any]) -> dict[str, object]:
    """Return the values, given the answers as Copier hands them to a template."""
    methods: Collection[str] = given["auth_methods"]
    social = social_providers(methods)
    password = "email_password" in methods
    cookie = given["auth_credential"] == "cookie"
    manager, backend = given["auth_package_manager"], given["auth_backend_dir"]
    up = "../" * (given["auth_server_dir"].count("/") + 1)
    provider = given["auth_database_provider"]
    own_database = provider in _BROUGHT_ALONG
    in_compose = ""
    if given["auth_deployment"] == "docker":
        in_compose = given["auth_compose_file"]
    _, _, attribute = given["auth_app"].partition(":")
    return {
        # The people who were there before: their table with every key, or None.
        "people": _people(given),
        "user_table": parse_table(given["auth_existing_users_table"]),
        # The ways to sign in.
        "password": password,
        "magic": "magic_link" in methods,
        "social": social,
        "verifies": password and given["auth_email_verification"],
        "refuses_unconfirmed": bool(social)
        and (given["auth_email_verification"] or not password),
        # What FastAPI goes by.
        "cookie": cookie,
        "jwt": not cookie,
        "cached": given["auth_session_validation"] == "cached",
        # What makes the tables, and where.
        "alembic": given["auth_migrated_by"] == "alembic",
        "sql": given["auth_migrated_by"] == "sql",
        "own_migration": given["auth_migrated_by"] == "server",
        "migrate_first": _MIGRATE_FIRST.get(given["auth_migrated_by"], ""),
        "own_database": own_database,
        "embedded": provider == "embedded",
        "pooler": _POOLERS.get(provider, "PgBouncer, for one"),
        "deployed": given["auth_deployment"] != "local",
        # From the auth server's folder to the root of the repository.
        "up": up,
        "backend_folder": "" if backend == "." else backend,
        # The project's own compose file, where the auth server is added to it.
        "in_compose": in_compose,
        "trust_proxy": "AUTH_TRUST_PROXY" if in_compose else "TRUST_PROXY",
        "database_in_compose": (
            "postgresql://app:${POSTGRES_PASSWORD}@postgres:5432/app"
            if own_database
            else "${DATABASE_URL}"
        ),
        # Where better-auth has its client for the front end's framework.
        "client_module": _CLIENTS.get(given["auth_front_end"], given["auth_front_end"]),
        "origin": given["auth_cors_origins"].split(",")[0].strip(),
        # Seconds after which a session that is used is renewed, in TypeScript.
        "session_update_age": f"60 * 60{' * 24' * (given['auth_session_days'] > 1)}",
        # In words and commands.
        "credential": "session cookie" if cookie else "token",
        "secret_readers": "both" if cookie else "auth server",
        "python_needed": _python_needed(manager, new=given["auth_new_project"]),
        "app_name": "app" if attribute.endswith("()") else attribute,
        "migrates": _MIGRATES[given["auth_migrated_by"]],
        "dev": dev_commands(given, up),
        "session_days": counted(given["auth_session_days"], "day"),
        "jwt_minutes": counted(given["auth_jwt_minutes"], "minute"),
        "alembic_command": alembic_command(
            manager,
            given["auth_alembic_options"],
            new_project=given["auth_new_project"],
        ),
        "alembic_place": place(given["auth_alembic_dir"] or backend),
        "doctor": tool(given["_copier_answers"]["_src_path"]),
        # The page of recipes.
        **recipe_page(given),
        **recipe_words(given),
    }


def _people(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what becomes of the people who were there before, for Markdown."""
    table = parse_table(given["auth_existing_users_table"])
    manager = given["auth_node_package_manager"]
    source = source_of(given["_copier_answers"]["_src_path"])
    update = f"uvx --with {source} copier update --trust -a {ANSWERS_FILE}"
    return existing_users_words(
        given["auth_existing_users"],
        f"`{table.table}`" if table else "",
        f"`{within(given['auth_server_dir'], f'{manager} run import-users')}`",
        f"`{update} {TAKE_ALONG}`",
        scheme=table.scheme if table and given["auth_hash_readers"] else "",
    )


def _python_needed(manager: str, *, new: bool) -> str:
    version = "Python 3.11 or newer" if new else "Python"
    return version if manager == "pip" else f"{version} with {manager}"


def counted(number: int, thing: str) -> str:
    """Return a number of things in words: ``1 day``, ``7 days``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def names(*given: str | bool) -> str:
    """Return the names that are given, as a list of names in code: ``a, b``.

    ``names("a", password and "b")`` leaves out what the answers do not need.
    """
    return ", ".join(name for name in given if isinstance(name, str))
