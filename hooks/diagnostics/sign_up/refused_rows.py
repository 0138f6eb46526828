"""A database that refuses the rows of a sign-up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...probe import ask_server, look
from .._check import problem, unasked
from ..schema_drift.required_columns import by_hand, live
from .required_columns import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# better-auth answers 422 where the database refused its insert.
_REFUSED = re.compile(r"a sign-up answers (?:5\d\d|.{0,300}FAILED_TO_CREATE_)")


def probe(project: Project) -> Iterator[Finding]:
    """Ask the catalogue, and whether the rolled-back sign-up was stored."""
    seen = look(project.auth_server)
    if seen.reason:
        yield unasked(project, seen.reason)
        return
    refusing = [key for key in live(project) if key[0] in WRITTEN]
    for table, column in refusing:
        yield problem(
            f"sign-up fails: {table}.{column} must be filled in the database, and "
            "better-auth does not",
            project.env_path,
            remedy=by_hand(table, column),
        )
    server = ask_server(project.auth_server)
    if not refusing and _REFUSED.search(server.unwritten):
        yield problem(
            f"sign-up fails: {server.unwritten}",
            project.env_path,
            remedy="the auth server's log names the table and the reason",
        )
