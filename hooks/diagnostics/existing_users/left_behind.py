"""People in the old table who have no account, and passwords that nothing verifies.

A dry run of the import counts both; no address and no password leaves the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...probe import count_people
from ...rendering.commands import within
from .._check import skipped, unasked, warning
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
    if table.restricts:
        yield skipped("who is to be imported is only said to the import, by --where")
        return
    counts = count_people(project.auth_server)
    if isinstance(counts, str):
        yield unasked(project, f"people could not be counted: {counts}")
        return
    manager = project.answers.auth_node_package_manager
    if missing := counts.get("added"):
        people = "1 person" if missing == 1 else f"{missing} people"
        yield warning(
            f"{people} in {table.table} have no account at the auth server",
            project.env_path,
            remedy=within(project.server, f"{manager} run import-users"),
        )
    if unread := counts.get("unknownHash"):
        passwords = "1 password" if unread == 1 else f"{unread} passwords"
        yield warning(
            f"{passwords} in {table.table} cannot be verified by the auth server",
            project.env_path,
            remedy=REMEDY,
        )
