"""Settings with which the mail service takes no mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...catalogue.mail import SENDER
from ...model import Status
from .._check import Broken, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="a key that is none",
        path="{server}/.env",
        before="EMAIL_FROM=\nRESEND_API_KEY=",
        after="EMAIL_FROM=no-reply@example.com\nRESEND_API_KEY=sk_live_123",
    ),
    Broken(
        title="a sender without an address",
        path="{server}/.env",
        before="EMAIL_FROM=\nRESEND_API_KEY=",
        after="EMAIL_FROM=Example\nRESEND_API_KEY=re_123",
    ),
    Broken(
        title="half of the settings",
        path="{server}/.env",
        before="RESEND_API_KEY=",
        after="RESEND_API_KEY=re_123456789",
        severity=Status.WARN,
    ),
    Broken(
        title="a server that is no SMTP server",
        path="{server}/.env",
        before="EMAIL_FROM=\nSMTP_URL=",
        after="EMAIL_FROM=no-reply@example.com\nSMTP_URL=https://smtp.example.com",
        project="every method",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Measure the sender's address and the credential of the service."""
    path, given = project.env_path, project.variables
    service = project.answers.mail_service
    if service is None:
        return
    key, example = service.credential.name, service.credential.example
    sender, value = given.get("EMAIL_FROM", ""), given.get(key, "")
    if sender and "@" not in sender:
        remedy = f"for example: {SENDER.example}"
        yield problem("EMAIL_FROM holds no address", path, remedy=remedy)
    if value and not value.startswith(service.credential.beginnings):
        remedy = f"for example: {example}"
        yield problem(f"{key} is malformed", path, remedy=remedy)
    if bool(sender) != bool(value):
        missing = service.credential if sender else SENDER
        yield warning(
            f"{missing.name} is empty, so mail is printed and not sent",
            path,
            remedy=f"set it, for example: {missing.example}",
        )
    elif not sender and project.answers.auth_deployment != "local":
        yield warning(
            f"EMAIL_FROM and {key} must be set before the deployment",
            path,
            remedy=f"set them in its settings, for example {key}={example}",
        )
