"""The edits of files that exist, in the order in which they see each other's results.

To add one: a module named verb first, its function in ``EDITS``, cases in
``tests/edits/``. An edit returns data; what becomes of it is decided elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Plan, Skip
from ..repository.staging import Staging
from ..workspace.still_parses import broken_by
from .add_compose_service import add_compose_service
from .add_migration import add_migration
from .add_python_dependencies import add_python_dependencies
from .by_hand import as_step, renumbered
from .carry_over_earlier_tables import carry_over_earlier_tables
from .compile_requirements import compile_requirements
from .complete_node_package import complete_node_package
from .connect_compose_backend import connect_compose_backend
from .create_env_file import (
    create_env_file,
    publish_database_port,
    require_database_url,
)
from .document_environment import document_environment
from .ignore_env_file import ignore_env_file
from .include_auth_router import include_auth_router
from .leave_workspaces import leave_workspaces
from .name_agents_page import name_agents_page
from .pass_middleware import pass_middleware
from .refresh_openapi import refresh_openapi
from .register_auth_tables import register_auth_tables
from .require_pydantic_2 import require_pydantic_2
from .share_compose_secret import share_compose_secret
from .show_create_all import show_create_all
from .trust_origins import trust_origins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..model import Integration

    Planned = FileEdit | ManualStep | Skip
    Edit = Callable[[Integration, Staging], Planned | Iterable[Planned]]

EDITS: tuple[Edit, ...] = (
    include_auth_router,
    trust_origins,
    pass_middleware,
    add_python_dependencies,
    compile_requirements,
    require_pydantic_2,
    add_migration,
    carry_over_earlier_tables,
    register_auth_tables,
    show_create_all,
    add_compose_service,
    connect_compose_backend,
    complete_node_package,
    leave_workspaces,
    document_environment,
    refresh_openapi,
    ignore_env_file,
    create_env_file,
    require_database_url,
    publish_database_port,
    share_compose_secret,
    name_agents_page,
)


def plan_edits(
    integration: Integration, first: Iterable[Edit] = (), only: Iterable[Edit] = EDITS
) -> Plan:
    """Plan ``first`` and then every edit, against the files as they are now.

    ``only`` are those of them that are wanted. Writes nothing.
    """
    staging = Staging(integration.root)
    steps: list[ManualStep] = []
    skips: list[Skip] = []
    for edit in (*first, *only):
        planned = edit(integration, staging)
        if isinstance(planned, FileEdit | ManualStep | Skip):
            planned = (planned,)
        for result in planned:
            match result:
                case FileEdit() if why := broken_by(result):
                    steps.append(_by_hand(edit, result, why))
                case FileEdit():
                    staging.add(result)
                case ManualStep():
                    steps.append(result)
                case Skip():
                    skips.append(result)
    return Plan(
        edits=staging.edits,
        moves=tuple(staging.moves),
        manual_steps=tuple(renumbered(step, staging) for step in steps),
        skips=tuple(skips),
    )


def _by_hand(edit: Edit, refused: FileEdit, why: str) -> ManualStep:
    """Return what an edit would have done, for the user to do by hand."""
    operation = getattr(edit, "__name__", "edit").replace("_", "-")
    return as_step(
        operation,
        refused.path,
        why,
        before=refused.before or b"",
        after=refused.after or b"",
    )
