"""BA006: every mail that sign-in depends on must have a sender, and a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import confirmation_mail, mail_settings, missing_senders, undelivered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class Email(Check):
    """A mail that is not sent locks people out, and nothing says so.

    better-auth looks for ``sendVerificationEmail`` under ``emailVerification`` and for
    ``sendMagicLink`` in the plugin; elsewhere they are never called. In production the
    service's variables must be set; in development, where they are empty, the mail is
    printed. Setting them is only yours to do, so that is a warning.
    """

    code = "BA006"
    name = "email"
    healthy = "every mail has a sender where better-auth looks for it"
    proof = (
        "senders in the configuration by syntax tree; variables in the env file; each "
        "mail of the started server reaches a stand-in"
    )
    example = "emailVerification: { sendOnSignUp: true, sendVerificationEmail: ... }"
    broken = (
        *confirmation_mail.BROKEN,
        *missing_senders.BROKEN,
        *mail_settings.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for each sender, then at the service's variables."""
        if not project.answers.sends_mail:
            return
        if project.options is not None:
            path, script, options = project.options
            yield from confirmation_mail.find(path, script, options)
            yield from missing_senders.find(project, path, script, options)
        yield from mail_settings.find(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask the started server for each mail; a stand-in receives them."""
        if project.answers.sends_mail:
            yield from undelivered.probe(project)
