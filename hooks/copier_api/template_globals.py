"""Functions of nothing but their arguments that templates may call by name."""

from __future__ import annotations

from functools import partial

from ..answers import (
    choices,
    parse_answers,
    rules,
)
from ..answers.paths import (
    app_file_name,
    app_folder,
    package_module,
    package_prefix,
    place,
    to_root,
)
from ..catalogue.deployment import TARGETS, target
from ..catalogue.mail import MAIL_SERVICES, mail_service, service_variables
from ..catalogue.methods import METHODS, sends_mail, social_providers
from ..catalogue.package_managers import node_manager
from ..catalogue.pinned import PINNED, node_version, pinned_version
from ..rendering.commands import (
    install_in_image,
    install_node,
    install_python,
    repository_page,
    run_python,
    run_uvicorn,
    source_of,
    start_in_compose,
    within,
)
from ..rendering.described_checks import PAGES, described_checks
from ..rendering.endpoints import api_reference
from ..rendering.node_packages import node_packages, package_name
from ..rendering.plugin_endpoints import plugin_endpoints
from ..rendering.stored_fields import PASSAGES
from ..schema.definitions import table_definitions
from ..schema.triggers import recreation
from .template_values import names


def auth_tables(auth_session_validation: str, auth_schema_additions: object) -> str:
    """Return the auth tables of a strategy as SQLAlchemy definitions."""
    answers = parse_answers(
        {
            "auth_session_validation": auth_session_validation,
            "auth_schema_additions": auth_schema_additions,
        }
    )
    return table_definitions(answers)


def hash_readers(
    auth_existing_users: str, auth_existing_users_table: object, auth_methods: object
) -> list[str]:
    """Return what verifies the passwords of the people who were there before."""
    answers = parse_answers(
        {
            "auth_existing_users": auth_existing_users,
            "auth_existing_users_table": auth_existing_users_table,
            "auth_methods": auth_methods,
        }
    )
    return list(answers.hash_readers)


TEMPLATE_GLOBALS: dict[str, object] = {
    "api_reference": partial(api_reference, PINNED),
    "app_file_name": app_file_name,
    "app_folder": app_folder,
    **PASSAGES,
    "auth_tables": auth_tables,
    "deployment_choices": {row.choice: row.name for row in TARGETS},
    "deployment_target": target,
    "described_checks": partial(described_checks, PAGES),
    "existing_users_choices": {
        text: mode for mode, text in choices.EXISTING_USERS.items()
    },
    "hash_readers": hash_readers,
    "install_in_image": install_in_image,
    "install_node": install_node,
    "install_python": install_python,
    "mail_choices": {row.choice: row.name for row in MAIL_SERVICES},
    "mail_service": mail_service,
    "names": names,
    "method_choices": {row.choice: row.name for row in METHODS},
    "node_version": node_version,
    "node_manager": node_manager,
    "node_managers": choices.NODE_PACKAGE_MANAGERS,
    "node_packages": partial(node_packages, PINNED),
    "package_module": package_module,
    "package_name": package_name,
    "package_prefix": package_prefix,
    "pinned_version": pinned_version,
    "place": place,
    "plugin_endpoints": plugin_endpoints,
    "problem": rules.problem,
    "python_managers": choices.PACKAGE_MANAGERS,
    "repository_page": repository_page,
    "run_python": run_python,
    "run_uvicorn": run_uvicorn,
    "service_variables": service_variables,
    "session_triggers": recreation(),
    "sends_mail": sends_mail,
    "social_providers": social_providers,
    "source_of": source_of,
    "start_in_compose": start_in_compose,
    "to_root": to_root,
    "within": within,
}
