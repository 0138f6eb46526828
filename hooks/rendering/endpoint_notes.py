"""What better-auth's own description does not say about its endpoints.

In which order a reader wants them, a body to try, what is refused, and which of them a
configuration switches off. To describe another endpoint: its line in ``NOTES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..catalogue.methods import sends_mail, social_providers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PASSWORD = "correct horse battery"  # noqa: S105 - an example
_NEW_PASSWORD = "a better horse battery"  # noqa: S105 - an example


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The answers that decide what an endpoint does."""

    methods: Sequence[str]
    verifies: bool
    origin: str

    @property
    def social(self) -> list[str]:
        """Which providers people sign in with."""
        return [provider.name for provider in social_providers(self.methods)]

    @property
    def sends_mail(self) -> bool:
        """Whether any method sends mail."""
        return sends_mail(self.methods)


_Off = Callable[[Configuration], str]


def _password(c: Configuration) -> str:
    return "" if "email_password" in c.methods else "passwords are not used here"


def _mail(c: Configuration) -> str:
    return "" if c.sends_mail else "no method here sends mail"


def _social(c: Configuration) -> str:
    return "" if c.social else "no social provider is a method here"


def _always(_: Configuration) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What better-auth's schema does not say about an endpoint.

    ``send`` is a body to try; in its strings and in ``query`` ``ORIGIN`` stands for the
    front end and ``$TOKEN`` for a shell variable. ``tried`` is false where only a
    provider can call it.
    """

    says: str
    group: str
    off: _Off = _always
    send: Mapping[str, object] | None = None
    query: str = ""
    session: bool = False
    status: int = 200
    keeps: bool = False
    refusals: tuple[str, ...] = ()
    token: str = ""
    tried: bool = True
    # What it takes and answers in truth, where better-auth's schema says nothing of
    # it, or something else.
    takes: tuple[Mapping[str, Any], ...] = ()
    answer: str = ""


_IN, _SESSION, _ACCOUNTS, _PASSWORDS, _OUT, _END, _STATE = (
    "Signing up and signing in",
    "The user and the session",
    "Accounts",
    "Passwords",
    "Signing out",
    "Deleting the account",
    "The state of the server",
)
_LINK = "the link in the mail"
_LISTED_ACCOUNT = "`id` of one of the accounts listed"
_ACCOUNT_ID = {
    "name": "accountId",
    "type": "string",
    "required": True,
    "says": "The id of the account, as listed",
}
NOTES: Mapping[str, Note] = {
    "POST /sign-up/email": Note(
        says="Makes an account with a password.",
        group=_IN,
        off=_password,
        send={"name": "Ada", "email": "ada@example.com", "password": _PASSWORD},
        keeps=True,
        refusals=(
            "400 `PASSWORD_TOO_SHORT` (8 characters at least), `INVALID_EMAIL`",
            "422 `USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`",
        ),
    ),
    "POST /send-verification-email": Note(
        says=(
            "Mails the link that confirms an address again; unknown addresses are "
            "answered the same."
        ),
        group=_IN,
        off=_mail,
        send={"email": "ada@example.com", "callbackURL": "ORIGIN"},
    ),
    "GET /verify-email": Note(
        says="Where the mailed link leads: confirms the address.",
        group=_IN,
        off=_mail,
        query="?token=$TOKEN&callbackURL=ORIGIN",
        status=302,
        keeps=True,
        token=_LINK,
        refusals=("302 to `callbackURL?error=INVALID_TOKEN` or `TOKEN_EXPIRED`",),
    ),
    "POST /sign-in/email": Note(
        says="Signs in with a password. `rememberMe: false` ends with the browser.",
        group=_IN,
        off=_password,
        send={"email": "ada@example.com", "password": _PASSWORD},
        keeps=True,
        refusals=("401 `INVALID_EMAIL_OR_PASSWORD`",),
    ),
    "POST /sign-in/magic-link": Note(
        says="Mails a link that signs in, once, within five minutes.",
        group=_IN,
        send={"email": "ada@example.com", "name": "Ada", "callbackURL": "ORIGIN"},
    ),
    "GET /magic-link/verify": Note(
        says="Where the mailed link leads: signs in; a new address gets an account.",
        group=_IN,
        query="?token=$TOKEN&callbackURL=ORIGIN",
        status=302,
        keeps=True,
        token=_LINK,
        refusals=("302 to `callbackURL?error=INVALID_TOKEN`",),
    ),
    "POST /sign-in/social": Note(
        says="Answers where to send the browser to sign in there.",
        group=_IN,
        off=_social,
        send={
            "provider": "PROVIDER",
            "callbackURL": "ORIGIN",
            "errorCallbackURL": "ORIGIN",
        },
        keeps=True,
        refusals=("404 `PROVIDER_NOT_FOUND`: it has no credentials (in development)",),
    ),
    "GET /callback/{id}": Note(
        says=(
            "Where the provider, `{id}`, sends the browser back to; nothing else "
            "calls it."
        ),
        group=_IN,
        off=_social,
        status=302,
        tried=False,
        refusals=(
            (
                "302 to `errorCallbackURL`, else to a page of this server, with "
                "`?error=`: `access_denied`, `state_mismatch`, `account_not_linked`, "
                "`email_not_verified`"
            ),
        ),
    ),
    "POST /callback/{id}": Note(
        says="For providers that answer with a form.",
        group=_IN,
        off=lambda _: "for providers that answer with a form, Apple for one",
    ),
    "GET /get-session": Note(
        says=(
            "The session and its user, `null` where no user is signed in. Renews a "
            "session that is older than a day."
        ),
        group=_SESSION,
        session=True,
    ),
    "POST /get-session": Note(
        says="Renews a session.",
        group=_SESSION,
        off=lambda _: "for `session.deferSessionRefresh`; `GET` does it here",
    ),
    "GET /token": Note(
        says="A signed token for FastAPI, in exchange for the session cookie.",
        group=_SESSION,
        session=True,
    ),
    "GET /jwks": Note(
        says="The public keys that the tokens are verified with.", group=_SESSION
    ),
    "POST /update-user": Note(
        says="Changes the name or the picture.",
        group=_SESSION,
        session=True,
        send={"name": "Ada Lovelace"},
        answer="{ status: boolean }",
    ),
    "GET /list-sessions": Note(
        says="Every session of the user, one for each browser.",
        group=_SESSION,
        session=True,
    ),
    "POST /revoke-session": Note(
        says="Ends one session.",
        group=_SESSION,
        session=True,
        send={"token": "$TOKEN"},
        token="`token` of one of the sessions listed",  # noqa: S106 - what to put there
    ),
    "POST /revoke-other-sessions": Note(
        says="Ends every session but this one.", group=_SESSION, session=True, send={}
    ),
    "POST /update-session": Note(
        says="Changes fields of the session.",
        group=_SESSION,
        off=lambda _: "the session has no fields of its own to change",
    ),
    "POST /change-email": Note(
        says=(
            "Changes the address, by two mails: one to the present address, which must "
            "agree, then one to the new one. An address that another user has is "
            "answered the same. When the second link is opened, every session of the "
            "user ends, and so do the links of all mails before."
        ),
        group=_SESSION,
        off=_mail,
        session=True,
        send={"newEmail": "lovelace@example.com", "callbackURL": "ORIGIN"},
        refusals=("403 `EMAIL_NOT_VERIFIED`: the present address is not confirmed",),
    ),
    "GET /list-accounts": Note(
        says="By which ways the user signs in.", group=_ACCOUNTS, session=True
    ),
    "POST /link-social": Note(
        says="Answers where to send the browser to add that way to sign in.",
        group=_ACCOUNTS,
        off=_social,
        session=True,
        send={"provider": "PROVIDER", "callbackURL": "ORIGIN"},
    ),
    "POST /unlink-account": Note(
        says="Takes a way to sign in away; the last one stays.",
        group=_ACCOUNTS,
        off=_social,
        session=True,
        send={"accountId": "$ACCOUNT"},
        token=_LISTED_ACCOUNT,
        refusals=("400 `FAILED_TO_UNLINK_LAST_ACCOUNT`", "400 `ACCOUNT_NOT_FOUND`"),
    ),
    "GET /account-info": Note(
        says="What the provider says about the user, asked now.",
        group=_ACCOUNTS,
        off=_social,
        session=True,
        query="?accountId=$ACCOUNT",
        token=_LISTED_ACCOUNT,
        refusals=("400 `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_CONFIGURED`",),
    ),
    "POST /get-access-token": Note(
        says="The provider's access token, for calls of its own API.",
        group=_ACCOUNTS,
        off=_social,
        session=True,
        send={"accountId": "$ACCOUNT"},
        takes=(_ACCOUNT_ID,),
        token=_LISTED_ACCOUNT,
        refusals=("400 `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`",),
    ),
    "POST /refresh-token": Note(
        says="The same, renewed at the provider first.",
        group=_ACCOUNTS,
        off=_social,
        session=True,
        send={"accountId": "$ACCOUNT"},
        takes=(_ACCOUNT_ID,),
        token=_LISTED_ACCOUNT,
        refusals=(
            (
                "400 `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`, "
                "`REFRESH_TOKEN_NOT_FOUND`"
            ),
        ),
    ),
    "POST /verify-password": Note(
        says="Says whether it is this user's password; nothing changes.",
        group=_PASSWORDS,
        off=_password,
        session=True,
        send={"password": _PASSWORD},
        refusals=("400 `INVALID_PASSWORD`",),
    ),
    "POST /change-password": Note(
        says=(
            "Changes the password of a user who knows it. Every other session of the "
            "user ends, unless `revokeOtherSessions` is `false`; the session of the "
            "caller gets a new cookie. Links that were mailed before are void."
        ),
        group=_PASSWORDS,
        off=_password,
        session=True,
        send={"currentPassword": _PASSWORD, "newPassword": _NEW_PASSWORD},
        refusals=("400 `INVALID_PASSWORD`, `PASSWORD_TOO_SHORT`",),
    ),
    "POST /request-password-reset": Note(
        says=(
            "Mails a link to choose a new password; unknown addresses look the same. "
            "Without `redirectTo` the link leads to a page of this server."
        ),
        group=_PASSWORDS,
        off=_password,
        send={"email": "ada@example.com", "redirectTo": "ORIGIN/new-password"},
    ),
    "GET /reset-password/{token}": Note(
        says=(
            "Where the mailed link leads: on to `redirectTo`, with `?token=`, else to "
            "`/api/auth/new-password`."
        ),
        group=_PASSWORDS,
        off=_password,
        query="?callbackURL=ORIGIN/new-password",
        status=302,
        token=_LINK,
        refusals=("302 to `redirectTo?error=INVALID_TOKEN`",),
    ),
    "POST /reset-password": Note(
        says=(
            "Sets the new password, once, and ends every session of the user. Links "
            "that were mailed before are void. An address that was not confirmed is "
            "confirmed by it, and loses providers that were connected before."
        ),
        group=_PASSWORDS,
        off=_password,
        send={"newPassword": _PASSWORD, "token": "$TOKEN"},
        token=_LINK,
        refusals=("400 `INVALID_TOKEN`, `PASSWORD_TOO_SHORT`",),
    ),
    "POST /sign-out": Note(
        says="Ends the session and takes its cookie away.",
        group=_OUT,
        session=True,
        send={},
        keeps=True,
    ),
    "POST /revoke-sessions": Note(
        says="Ends every session of the user, this one too.",
        group=_OUT,
        session=True,
        send={},
    ),
    "POST /delete-user": Note(
        says="Deletes the account with all that is kept of it here, for good.",
        group=_END,
        session=True,
        send={"callbackURL": "ORIGIN"},
        refusals=("400 `INVALID_PASSWORD`, where one is given",),
    ),
    "GET /delete-user/callback": Note(
        says=(
            "Where the mailed link leads: deletes the account of the user who is "
            "signed in here, if it is theirs, and ends every session."
        ),
        group=_END,
        off=_mail,
        session=True,
        query="?token=$TOKEN&callbackURL=ORIGIN",
        status=302,
        token=_LINK,
        refusals=(
            "404 `FAILED_TO_GET_USER_INFO`: not signed in",
            "404 `INVALID_TOKEN`: used before, or of another user",
            "409 `USER_IN_USE`: rows of other tables refer to the user",
        ),
    ),
    "GET /ok": Note(says="Says that better-auth answers.", group=_STATE),
    "GET /error": Note(
        says="A page for errors that no `errorCallbackURL` was given for. Of what the "
        "address says it shows only codes that are known. With `Accept: "
        "application/json` it is `{ message }`, for a page of yours that was led back "
        "to with `?error=`.",
        group=_STATE,
    ),
}
_CONFIRMING = ("POST /send-verification-email", "GET /verify-email")


def in_order(c: Configuration) -> list[tuple[str, Note]]:
    """Return the notes as a reader of this configuration wants them.

    Without passwords only an address that is changed is ever confirmed.
    """
    if "email_password" in c.methods:
        return list(NOTES.items())
    moved = [(n, replace(NOTES[n], group=_SESSION)) for n in _CONFIRMING]
    others = [(n, note) for n, note in NOTES.items() if n not in _CONFIRMING]
    after = [n for n, _ in others].index("POST /change-email") + 1
    return [*others[:after], *moved, *others[after:]]
