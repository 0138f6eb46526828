"""What each answer may be: one rule a question, for the form, ``-d`` and the hooks.

A rule takes the value and returns ``""``, or one line that says what is wrong and
gives an example. Copier shows that line under the field; given on the command line
the same line, with the question's name before it, ends the run.
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, get_args

from ..env.origins import is_origin
from . import choices
from .additions import additions_problem
from .existing_users import table_problem
from .plugin_endpoints import endpoints_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FOLDER_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
# Windows refuses these names with any extension; a repository is cloned there too.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
# It is in code and in commands to paste, so nothing but a path may be in it.
_ALEMBIC_OPTIONS = re.compile(r"(?:-c [\w./-]+)?(?:(?:^| )--name [\w.:-]+)?")
PREFIX = re.compile(r"(?:/[\w.~{}-]+)+", re.ASCII)
_MAX_PATH = 200
_ENTRY = "app.main:app"


def folder(value: object) -> str:
    """Refuse what is not a plain folder inside the repository (``.`` is its root)."""
    if value == ".":
        return ""
    return _path_problem(value, example="backend")


def subfolder(value: object) -> str:
    """Refuse what is not a folder below the repository's root."""
    if value == ".":
        return "must be its own folder, for example auth-server"
    return _path_problem(value, example="auth-server")


def package_folder(value: object) -> str:
    """Refuse a folder whose name could not be imported as a Python package."""
    example = "backend/app/auth"
    problem = _path_problem(value, example=example)
    if problem:
        return problem
    name = str(value).rpartition("/")[2]
    if not name.isidentifier() or keyword.iskeyword(name):
        return f"ends in '{name}', which Python cannot import, for example {example}"
    return ""


def application(value: object) -> str:
    """Refuse what uvicorn could not be given: ``module:attribute``."""
    if not isinstance(value, str) or not value:
        return f"is empty; give module:attribute, for example {_ENTRY}"
    module, colon, attribute = value.partition(":")
    names = [*module.split("."), *attribute.removesuffix("()").split(".")]
    if not colon or not all(map(_is_name, names)):
        return f"'{_shown(value)}' is not module:attribute, for example {_ENTRY}"
    return ""


def application_in_folder(value: object) -> str:
    """Refuse what the form would not offer: a backend folder and its application."""
    backend, blank, app = str(value or "").partition(" ")
    if not backend and not app:
        return ""
    if not blank or folder(backend) or application(app):
        example = f"backend {_ENTRY}"
        return f"'{_shown(value)}' is not a folder and module:attribute, e.g. {example}"
    return ""


def symbol(value: object) -> str:
    """Refuse what is neither empty nor ``module:name``."""
    if value in ("", None):
        return ""
    return application(value).replace(_ENTRY, "app.core.db:engine")


def prefix(value: object) -> str:
    """Refuse what is neither empty nor the path that routers share."""
    if value in ("", None) or PREFIX.fullmatch(str(value)):
        return ""
    return f"'{_shown(value)}' is not a path, for example /api/v1"


def optional_folder(value: object) -> str:
    """Refuse what is no folder inside the repository; there may be none."""
    return "" if value == "" else folder(value)


def alembic_options(value: object) -> str:
    """Refuse what is no configuration and no name of an environment of Alembic."""
    if isinstance(value, str) and _ALEMBIC_OPTIONS.fullmatch(value):
        return ""
    return f"'{_shown(value)}' are no options of Alembic; for example -c alembic.ini"


def optional_file(value: object) -> str:
    """Refuse what is no file inside the repository; there may be none."""
    example = "docker-compose.yml"
    return "" if value == "" else _path_problem(value, example=example)


def service(value: object) -> str:
    """Refuse what names no service of a compose file; there may be none."""
    if isinstance(value, str) and re.fullmatch(r"[\w.-]*", value):
        return ""
    return f"'{_shown(value)}' is not the name of a service; for example api"


def compose_migration(value: object) -> str:
    """Refuse what no ``docker compose run`` is, which is typed as it stands."""
    if isinstance(value, str) and (
        value in {"", choices.ON_HOST}
        or re.fullmatch(r"run --rm [\w .=:/-]{1,299}", value)
    ):
        return ""
    example = "for example run --rm api alembic upgrade head"
    return f"'{_shown(value)}' runs no service; {example}"


def origins(value: object) -> str:
    """Refuse a comma-separated list that holds anything but http(s) origins."""
    given = [part.strip() for part in str(value or "").split(",")]
    if not any(given):
        return "is empty; give at least one origin, for example http://localhost:3000"
    for origin in given:
        if not is_origin(origin):
            return (
                f"'{_shown(origin)}' is not an origin (scheme, host, optional port, "
                "no path), for example https://app.example.com"
            )
    return ""


def existing_users(value: object) -> str:
    """Refuse what is no mode of this release."""
    known, offered = get_args(choices.ExistingUsers), choices.EXISTING_USERS
    if value in known and value not in offered:
        return f"{value} is not offered yet; give one of {', '.join(offered)}"
    return one_of(*offered)(value)


def between(lowest: int, highest: int, unit: str) -> Callable[[object], str]:
    """Make the rule for a whole number of ``unit`` in a closed range."""

    def rule(value: object) -> str:
        example = f"give a whole number of {unit} from {lowest} to {highest}, e.g. 7"
        if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}", str(value)):
            return f"'{_shown(value)}' is not a number; {example}"
        if not lowest <= int(str(value)) <= highest:
            return f"{value} is out of range; {example}"
        return ""

    return rule


def one_of(*choices: str) -> Callable[[object], str]:
    """Make the rule for a choice of one."""

    def rule(value: object) -> str:
        if value in choices:
            return ""
        return f"'{_shown(value)}' is not one of {', '.join(choices)}"

    return rule


def some_of(*choices: str, least: int = 0) -> Callable[[object], str]:
    """Make the rule for a choice of several; a string is read as Copier would."""

    def rule(value: object) -> str:
        chosen = selected(value)
        if len(chosen) < least:
            return f"is empty; choose from {', '.join(choices)}, e.g. [{choices[0]}]"
        if not isinstance(value, list | tuple) and not _is_flow(value):
            return f"'{_shown(value)}' is not a list; give [{', '.join(chosen)}]"
        for choice in chosen:
            if choice not in choices:
                return f"'{_shown(choice)}' is not among {', '.join(choices)}"
            if chosen.count(choice) > 1:
                return f"names {choice} twice"
        return ""

    return rule


def boolean(value: object) -> str:
    """Refuse what Copier would not read as yes or no."""
    if str(value).lower() in {"true", "false", "yes", "no", "y", "n", "1", "0"}:
        return ""
    return f"'{_shown(value)}' is neither true nor false"


def selected(value: object) -> Sequence[str]:
    """Read a multiple choice given as a list or as ``[a, b]``, the form of ``-d``."""
    if isinstance(value, list | tuple):
        return [str(item) for item in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    inner = str(value or "").strip().removeprefix("[").removesuffix("]")
    return [part.strip(" '\"") for part in inner.split(",") if part.strip(" '\"")]


RULES: dict[str, Callable[[object], str]] = {
    "auth_backend_dir": folder,
    "auth_app": application,
    "auth_package_dir": package_folder,
    "auth_server_dir": subfolder,
    "auth_database_provider": one_of(*get_args(choices.Provider)),
    "auth_database_layer": one_of(*get_args(choices.Layer)),
    "auth_database_symbol": symbol,
    "auth_migration_system": one_of(*get_args(choices.MigrationSystem)),
    "auth_package_manager": one_of(*choices.PACKAGE_MANAGERS),
    "auth_node_package_manager": one_of(*choices.NODE_PACKAGE_MANAGERS),
    "auth_methods": some_of(*choices.METHODS, least=1),
    "auth_email_verification": boolean,
    "auth_existing_users": existing_users,
    "auth_email_provider": one_of(*choices.EMAIL_PROVIDERS),
    "auth_session_validation": one_of(*get_args(choices.SessionValidation)),
    "auth_session_days": between(1, 365, "days"),
    "auth_jwt_minutes": between(1, 60, "minutes"),
    "auth_cors_origins": origins,
    "auth_deployment": one_of(*choices.DEPLOYMENTS),
    "auth_apply_edits": one_of(*get_args(choices.ApplyEdits)),
    "auth_allow_dirty": boolean,
    "auth_records": boolean,
    "auth_adrs": some_of(*get_args(choices.Decision)),
    "auth_agents": boolean,
}

# Discovered and recorded without being asked; `-d` may correct them.
RECORDED: dict[str, Callable[[object], str]] = {
    "auth_application": application_in_folder,
    "auth_new_project": boolean,
    "auth_import_root": folder,
    "auth_api_prefix": prefix,
    "auth_alembic_dir": optional_folder,
    "auth_alembic_options": alembic_options,
    "auth_base_metadata": symbol,
    "auth_compose_file": optional_file,
    "auth_compose_service": service,
    "auth_compose_migration": compose_migration,
    "auth_front_end": one_of(*get_args(choices.FrontEnd)),
    "auth_schema_additions": additions_problem,
    "auth_existing_users_table": table_problem,
    "auth_plugin_endpoints": endpoints_problem,
}

# A second copy may answer these otherwise: no rendered file follows them.
MAY_CHANGE = frozenset(
    {"auth_apply_edits", "auth_allow_dirty", "auth_records", "auth_adrs"}
)


def problem(question: str, value: object) -> str:
    """Return what is wrong with an answer to ``question``, or ``""``."""
    return {**RULES, **RECORDED}[question](value)


def _path_problem(value: object, *, example: str) -> str:  # noqa: PLR0911 - a list
    hint = f"give a folder inside the repository, for example {example}"
    if value in ("", None):
        return f"is empty; {hint}"
    if not isinstance(value, str):
        return f"'{_shown(value)}' is not text; {hint}"
    if any(not character.isprintable() for character in value):
        return f"holds control characters; {hint}"
    if value.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", value):
        return f"'{_shown(value)}' is an absolute path; {hint}"
    parts = value.split("/")
    if ".." in parts:
        return f"'{_shown(value)}' leaves the repository; {hint}"
    if any(part.lower() == ".git" for part in parts):
        return f"'{_shown(value)}' names .git; {hint}"
    if len(value) > _MAX_PATH or not all(map(_is_folder_name, parts)):
        return f"'{_shown(value)}' is not a plain folder path; {hint}"
    return ""


def _is_folder_name(part: str) -> bool:
    return bool(
        _FOLDER_PART.fullmatch(part)
        and not part.endswith(".")
        and not _RESERVED.fullmatch(part)
    )


def _is_flow(value: object) -> bool:
    """Return True if Copier reads a list here; an empty value is none."""
    return isinstance(value, str) and value.strip().startswith("[")


def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _shown(value: object) -> str:
    """Quote a value in a message: on one line, and not the whole of a long one."""
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    limit = 60
    return text if len(text) <= limit else f"{text[:limit]}…"
