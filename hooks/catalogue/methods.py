"""The ways to sign in; a new social provider is one more row here.

What else it needs: its paragraph in ``partials/setup``, and its consent page among
the stand-ins of the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .variables import Variable

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to sign in.

    Attributes:
        name: the answer; for a social provider the name that better-auth has for it.
        choice: what the form says.
        sends_mail: whether it works by mail.

    """

    name: str
    choice: str
    sends_mail: bool = False


@dataclass(frozen=True, kw_only=True)
class SocialProvider(Method):
    """A provider of better-auth's ``socialProviders``; ``choice`` is its title too.

    Attributes:
        console: where its credentials are made.
        consent_host: the host of the page on which people consent.
        client_id: an example of a client ID.
        options: further options of better-auth's provider, lines of TypeScript.
        issues_id_token: whether it sends an ID token, which is not stored.
        confirmed: which of a person's addresses it confirms, for the documents.

    """

    console: str
    consent_host: str
    client_id: str
    options: tuple[str, ...] = ()
    issues_id_token: bool = False
    confirmed: str = ""

    @property
    def variables(self) -> tuple[Variable, Variable]:
        """The variables of its credentials: client ID and client secret."""
        prefix, rule = self.name.upper(), "z.string().min(1)"
        secret = "the secret shown beside it"  # noqa: S105 - an explanation
        return (
            Variable(name=f"{prefix}_CLIENT_ID", example=self.client_id, rule=rule),
            Variable(name=f"{prefix}_CLIENT_SECRET", example=secret, rule=rule),
        )


METHODS: tuple[Method, ...] = (
    Method(
        name="email_password",
        choice="E-mail and password (recommended for a first version)",
        sends_mail=True,
    ),
    SocialProvider(
        name="google",
        choice="Google",
        console="https://console.cloud.google.com/auth/clients",
        consent_host="accounts.google.com",
        client_id="1234.apps.googleusercontent.com",
        issues_id_token=True,
    ),
    SocialProvider(
        name="github",
        choice="GitHub",
        console="https://github.com/settings/applications/new",
        consent_host="github.com",
        client_id="Iv1.8a61f9b3a7aba766",
        confirmed="at GitHub, the primary one",
    ),
    SocialProvider(
        name="microsoft",
        choice="Microsoft",
        console="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
        consent_host="login.microsoftonline.com",
        client_id="11111111-2222-3333-4444-555555555555",
        options=(
            'prompt: "select_account" as const,',
            "// A photo would be stored with the user, as a long text.",
            "disableProfilePhoto: true,",
            "// A directory's administrator can enter any address. This claim says",
            "// that the address is of the directory's own domain.",
            "mapProfileToUser: (claims: { xms_edov: boolean | number | string }) => ({",
            '  emailVerified: [true, 1, "1"].includes(claims.xms_edov),',
            "}),",
        ),
        issues_id_token=True,
        confirmed="at Microsoft, the claim `xms_edov` tells",
    ),
    Method(name="magic_link", choice="Magic link by e-mail", sends_mail=True),
)
SOCIAL_PROVIDERS = tuple(m for m in METHODS if isinstance(m, SocialProvider))


def social_providers(methods: Collection[str]) -> tuple[SocialProvider, ...]:
    """Return the social providers among the chosen methods, in the form's order."""
    return tuple(p for p in SOCIAL_PROVIDERS if p.name in methods)


def sends_mail(methods: Collection[str]) -> bool:
    """Return True if any chosen method works by mail."""
    return any(m.sends_mail for m in METHODS if m.name in methods)
