"""Mails of the started server that do not reach the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...probe import ask_server
from .._check import problem, skipped, unasked, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


def probe(project: Project) -> Iterator[Finding]:
    """Ask the started server for each mail; a stand-in receives them."""
    server = ask_server(project.auth_server)
    reason = server.reason or server.unwritten
    if reason or server.broken:
        yield unasked(project, reason or "the auth server does not start")
        return
    # Another sender than the template's may print where this one would deliver.
    ours = f"{project.server}/src/mail/transport.ts" in project.scripts
    for mail in server.mails:
        if mail.elsewhere and not mail.arrived:
            yield skipped(f"mail goes through {mail.elsewhere}")
        elif not mail.arrived:
            found = problem if ours else warning
            yield found(
                f"{mail.way} brought no mail to the service",
                project.options[0] if project.options else project.server,
                remedy="see what the sender logs: npm run dev, and do the same",
            )
