"""People in the old table who have no account, and passwords that nothing verifies.

Both are counted in the database; no address and no password leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...probe import look
from ...rendering.commands import within
from .._check import unasked, warning
from .unread_hashes import REMEDY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


def probe(project: Project) -> Iterator[Finding]:
    """Ask the database, where it can be asked."""
    table = project.answers.auth_existing_users_table
    if table is None:
        return
    seen = look(project.auth_server)
    if seen.reason:
        yield unasked(project, seen.reason)
        return
    manager = project.answers.auth_node_package_manager
    if missing := seen.counts.get("missing"):
        people = "1 person" if missing == 1 else f"{missing} people"
        yield warning(
            f"{people} in {table.table} have no account at the auth server",
            project.env_path,
            remedy=within(project.server, f"{manager} run import-users"),
        )
    if unread := seen.counts.get("unread"):
        passwords = "1 password" if unread == 1 else f"{unread} passwords"
        yield warning(
            f"{passwords} in {table.table} cannot be verified by the auth server",
            project.env_path,
            remedy=REMEDY,
        )
