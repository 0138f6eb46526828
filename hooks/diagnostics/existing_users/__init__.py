"""BA015: the people who were there before must have come along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import left_behind, old_login, unread_columns, unread_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class ExistingUsers(Check):
    """People who are imported from a table of your own sign in as before.

    With ``auth_existing_users=import`` each of them needs an account at the auth
    server. An old login that still makes accounts leaves new people behind until the
    import is run again; a password that is hashed in a way that the auth server cannot
    verify lets its owner in by a new password alone. A column that keeps people out of
    your application must be known to the import, or they can sign in. With packages
    installed and a database that answers, a dry run of the import counts people without
    an account and passwords that cannot be verified; it writes nothing and shows none.
    """

    code = "BA015"
    name = "existing-users"
    healthy = "everybody of the old table who should have an account has one"
    proof = (
        "routes, models and hashing read by syntax tree; people counted by a dry run "
        "of the import"
    )
    example = "(cd auth-server && npm run import-users)"
    broken = (*old_login.BROKEN, *unread_hashes.BROKEN, *unread_columns.BROKEN)

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look at routes, hashing and columns, where people are imported."""
        if project.answers.auth_existing_users == "none":
            return
        yield from old_login.find(project)
        yield from unread_hashes.find(project)
        yield from unread_columns.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Count those who have no account, and passwords that nothing verifies."""
        if project.answers.auth_existing_users == "none":
            return
        yield from left_behind.probe(project)
