"""The page of recipes: which of them a project gets, and the words that they are in.

A recipe is made of parts in ``partials/recipes/``, which hold no decision: where two
projects need different text it is another part, or a word that is made here.
"""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..answers.paths import package_module
from ..catalogue.methods import social_providers
from ..catalogue.package_managers import python_manager
from .commands import alembic_command, run_python, tool, within
from .recipe_database import database_words, family, has_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_FOLDER = "partials/recipes"
_RESET = "../API_DOCUMENTATION.md#post-apiauthrequest-password-reset"
_HOSTS = "--auth-url https://auth.example.com --api-url https://api.example.com"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One heading of the page and the parts that are below it."""

    title: str
    parts: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The heading's address within the page."""
        kept = (c for c in self.title.lower() if c.isalnum() or c in " -")
        return "".join(kept).replace(" ", "-")


def recipe_page(given: Mapping[str, Any]) -> dict[str, object]:
    """Return the page's list of recipes, and its parts, each with what is above it."""
    chosen = recipes(given)
    return {
        "recipe_list": "\n".join(f"- [{r.title}](#{r.anchor})" for r in chosen),
        "recipe_parts": [
            (f"\n## {recipe.title}\n\n" * (n == 0), f"{_FOLDER}/{part}.md.jinja")
            for recipe in chosen
            for n, part in enumerate(recipe.parts)
        ],
    }


def recipes(given: Mapping[str, Any]) -> tuple[Recipe, ...]:
    """Return the recipes of a project in the order of the page."""
    layer, credential = family(given), given["auth_credential"]
    is_new, by = given["auth_new_project"], given["auth_migrated_by"]
    column = by if by != "alembic" or has_tables(given) else "revision"
    parts: dict[str, tuple[str, ...]] = {
        "Protect a route or a whole router": ("routes",),
        "Let people see only their own rows": _rows(given),
        "A WebSocket that knows its user": (f"websocket_{credential}",),
        "Server-sent events": ("events", f"events_{credential}"),
        "Work in the background": ("background",),
        "Call it from a cron job or a script": _cron(layer),
        "GraphQL": ("graphql",),
        "Test it": _tests(given),
        "Log everybody out, or one person": (f"log_out_{credential}",),
        "Use my existing users, or move from another login": (*_existing_users(given),),
        "Add a field or a plugin of better-auth": (
            *("field", f"field_{column}"),
            "plugin",
        ),
        "A second front end": (f"second_front_end_{'new' if is_new else 'existing'}",),
        "Why 401 behind nginx": (f"nginx_{credential}", "nginx"),
        "The first deployment": ("first_deployment",),
        "Change the secret": (f"secret_{credential}",),
    }
    return tuple(Recipe(title=title, parts=names) for title, names in parts.items())


def _rows(given: Mapping[str, Any]) -> tuple[str, ...]:
    layer = family(given)
    if layer == "none":
        return ("rows_none",)
    migrated = ("known_to_alembic",) if _compares_models(given) else ()
    migrate = "migrate_alembic" if migrated else "migrate_sql"
    reference = () if has_tables(given) or not migrated else ("reference",)
    return (f"rows_{layer}", *migrated, "include_rows", migrate, *reference, "rows")


def _compares_models(given: Mapping[str, Any]) -> bool:
    """Return True if Alembic goes by the project's models."""
    by_alembic: bool = given["auth_new_project"] or has_tables(given)
    return by_alembic and family(given) not in {"asyncpg", "psycopg", "none"}


def _existing_users(given: Mapping[str, Any]) -> tuple[str, ...]:
    if given["auth_existing_users"] != "none":
        return ("existing_users_imported",)
    both = "both_logins" if given["auth_existing_users_table"] else "new"
    then = ("existing_users_sign_in", f"existing_users_{both}")
    if family(given) == "none":
        return ("existing_users_elsewhere", *then)
    column = ("existing_users_alembic",) if _compares_models(given) else ()
    tables = ("existing_users_tables",) if column and has_tables(given) else ()
    return ("existing_users", *column, *tables, "existing_users_sql", *then)


def _cron(layer: str) -> tuple[str, ...]:
    if layer == "none":
        return ("cron_none", "cron_key")
    script = layer if layer in {"asyncpg", "psycopg"} else "engine"
    return ("cron", f"cron_{script}", "cron_run", "cron_key")


def _tests(given: Mapping[str, Any]) -> tuple[str, ...]:
    if given["auth_credential"] == "cookie" and family(given) != "none":
        return ("test_acting", "test_rows_cookie")
    # How other projects reach their database in a test is not known.
    rows = ("test_rows_token",) if given["auth_new_project"] else ()
    return ("test_acting", *rows)


def recipe_words(given: Mapping[str, Any]) -> dict[str, object]:
    """Return the project's own names and commands, as the parts have them."""
    root, manager = given["auth_import_root"], given["auth_package_manager"]
    backend, is_new = given["auth_backend_dir"], given["auth_new_project"]
    package = package_module(root, given["auth_package_dir"])
    parent, dot, _ = package.rpartition(".")
    folder = PurePosixPath(given["auth_package_dir"]).parent
    run = run_python(manager, new_project=is_new)
    doctor = tool(given["_copier_answers"]["_src_path"])
    has_password = "email_password" in given["auth_methods"]
    is_deployed = given["auth_deployment"] != "local"
    digest = f"{run}python -m {parent}{dot}digest"
    return {
        "package": package,
        # Modules next to the auth package: their folder, and how they are imported.
        "own_folder": "" if folder == PurePosixPath() else f"{folder}/",
        "own": parent + dot,
        "import_own": f"from {parent} import" if parent else "import",
        "add_package": python_manager(manager).add or "pip install",
        "run_digest": within(root, digest),
        "crontab": f"cd /srv/app/{'' if root == '.' else root} && {digest}",
        "crontab_program": digest.partition(" ")[0],
        "run_tests": within(backend, f"{_import_from(given)}{run}python -m pytest"),
        "test_folder": "tests/" if backend == "." else f"{backend}/tests/",
        "old_users_sign_in": "\n".join(_old_users_sign_in(given)),
        "one_domain": "`COOKIE_DOMAIN` is the domain that both are below."
        if is_deployed
        else "Both belong below one domain, which production then sets.",
        "proved": f"`{doctor} verify {_HOSTS}`"
        if has_password
        else "sign in once, and look at `/auth/me` of FastAPI",
        **_application_words(given),
        **_alembic_words(given),
        **database_words(given, package),
    }


def _import_from(given: Mapping[str, Any]) -> str:
    """Return what lets a test import the application from a folder of its own."""
    root, backend = given["auth_import_root"], given["auth_backend_dir"]
    folder = posixpath.relpath(root, backend)
    return "" if folder == "." else f"PYTHONPATH={shlex.quote(folder)} "


def _application_words(given: Mapping[str, Any]) -> dict[str, str]:
    """Return where the application is made, and how a test gets it."""
    module, _, attribute = given["auth_app"].partition(":")
    # An object may keep it: ``server.app``, ``Server.create()``.
    imported = attribute.removesuffix("()").partition(".")[0]
    if not attribute.endswith("()"):
        return {
            "in_the_app": f"At the end of `{module}`",
            "import_app": f"from {module} import {imported}",
        }
    maker = attribute.removesuffix("()")
    return {
        "in_the_app": f"In `{maker}` of `{module}`, before it returns the application",
        "import_app": f"from {module} import {imported}\n\napp = {maker}()",
    }


def _alembic_words(given: Mapping[str, Any]) -> dict[str, str]:
    """Return Alembic's commands as they are typed at the root."""
    manager, options = given["auth_package_manager"], given["auth_alembic_options"]
    call = alembic_command(manager, options, new_project=given["auth_new_project"])
    folder = given["auth_alembic_dir"] or given["auth_backend_dir"]
    return {
        "revise_rows": within(folder, f"{call} revision --autogenerate -m note"),
        "revise_field": within(folder, f"{call} revision --autogenerate -m locale"),
        "upgrade": within(folder, f"{call} upgrade head"),
    }


def _old_users_sign_in(given: Mapping[str, Any]) -> list[str]:
    methods, ways = given["auth_methods"], list[str]()
    if "email_password" in methods:
        ways.append(
            "- Passwords do not move, since better-auth hashes them with scrypt: each\n"
            f"  person chooses one by the link of [the reset]({_RESET}),\n"
            "  which also works for an account that never had one."
        )
    if "magic_link" in methods:
        ways.append("- A magic link to the same address leads to the same user.")
    if social := social_providers(methods):
        names = " and ".join(provider.choice for provider in social)
        ways.append(
            f"- {names}: the first sign-in is connected by the address, where both "
            "sides have confirmed it."
        )
    return ways
