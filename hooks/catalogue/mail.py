"""The services that can send the auth server's mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .methods import sends_mail, social_providers
from .variables import Variable

if TYPE_CHECKING:
    from collections.abc import Collection

SENDER = Variable(
    name="EMAIL_FROM",
    example="Example <no-reply@example.com>",
    rule='z.string().includes("@")',
)


@dataclass(frozen=True, kw_only=True)
class MailService:
    """A mail service; its ``src/mail/transport.ts`` is in the template.

    Attributes:
        name: the answer.
        choice: what the form says.
        credential: the variable that opens it, besides the sender's address.
        packages: the npm packages that it needs, types included.
        console: where the credential is made; empty where that differs.

    """

    name: str
    choice: str
    credential: Variable
    packages: frozenset[str]
    console: str = ""

    @property
    def variables(self) -> tuple[Variable, Variable]:
        """The sender's address and the credential."""
        return SENDER, self.credential


MAIL_SERVICES = (
    MailService(
        name="resend",
        choice="Resend",
        credential=Variable(
            name="RESEND_API_KEY",
            example="re_..., from https://resend.com/api-keys",
            rule='z.string().startsWith("re_")',
            beginnings=("re_",),
        ),
        packages=frozenset({"resend"}),
        console="https://resend.com/api-keys",
    ),
    MailService(
        name="smtp",
        choice="SMTP",
        credential=Variable(
            name="SMTP_URL",
            example="smtps://user:password@smtp.example.com:465",
            rule="z.url({ protocol: /^smtps?$/ })",
            beginnings=("smtp:", "smtps:"),
        ),
        packages=frozenset({"nodemailer", "@types/nodemailer"}),
    ),
)


def mail_service(methods: Collection[str], provider: str) -> MailService | None:
    """Return the service that sends the mail of these methods; None without mail."""
    chosen = (service for service in MAIL_SERVICES if service.name == provider)
    return next(chosen, None) if sends_mail(methods) else None


def service_variables(methods: Collection[str], provider: str) -> tuple[Variable, ...]:
    """Return what development may leave empty: of social providers, then of mail."""
    mail = mail_service(methods, provider)
    of_mail = mail.variables if mail else ()
    return (*(v for p in social_providers(methods) for v in p.variables), *of_mail)
