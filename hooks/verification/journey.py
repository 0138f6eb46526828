"""One person's way through both servers, from sign-up to the end of the session."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from ..catalogue.methods import social_providers
from ..errors import BetterAuthError
from .account import ask
from .account_changes import AccountChanges
from .browser import Browser
from .expectations import (
    FORBIDDEN,
    NOT_FOUND,
    OK,
    UNAUTHORIZED,
    VerificationError,
    expect,
    follow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    Take = Callable[[Browser], str]

_TOKEN_COOKIE = "better-auth.session_token"  # noqa: S105 - its name
_FOREIGN = "https://foreign.example"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: whether it held, what was seen and the seconds it took."""

    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(kw_only=True)
class Journey:
    """The servers to visit and what is configured there.

    ``me_url`` is FastAPI's protected route. ``read_link`` returns the newest link that
    was mailed (or printed) to an address; it is ``None`` where it cannot be read.
    With ``uses_jwt`` FastAPI is shown a token instead of the cookie, which by design
    stays valid after sign-out until it expires. ``server`` is the auth server's folder,
    where it is at hand. What could not be verified is in ``notes`` afterwards.
    """

    auth_url: str
    me_url: str
    methods: Sequence[str] = ("email_password",)
    verifies_email: bool = True
    read_link: Callable[[str], str] | None = None
    uses_jwt: bool = False
    server: Path | None = None
    email: str = field(
        default_factory=lambda: f"verify-{secrets.token_hex(6)}@example.com"
    )
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    notes: list[str] = field(default_factory=list[str])
    _held: dict[str, str] = field(default_factory=dict[str, str])
    _token: str = ""
    _exists: bool = False
    _arrived: bool = False
    _confirmed: bool = False

    def steps(self) -> Iterator[Step]:
        """Take the steps in turn; the first that does not hold is the last."""
        browser = Browser(origin=self.auth_url)
        for name, take in self._way():
            step = _taken(name, take, browser)
            yield step
            if not step.ok:
                return
        self._arrived = True

    def removal(self) -> Iterator[Step]:
        """Remove the test user, where one was made; a note says where that fails.

        After the whole way the user does it, as people do, and that is a step too.
        """
        if not self._exists:
            return
        if self._arrived and self.read_link is not None:
            step = _taken("the account is deleted", self._delete, self._new_browser())
            yield step
            if step.ok:
                return
        step = _taken("the test user is removed", self._remove, Browser(origin=""))
        if step.ok:
            yield step
        else:
            self.notes.append(step.detail)

    def _way(self) -> Iterator[tuple[str, Take]]:
        yield "a stranger is refused", self._anonymous
        for provider in social_providers(self.methods):
            title, host = provider.choice, provider.consent_host
            yield f"sign-in leads to {title}", self._leads_to(provider.name, host)
            self.notes.append(
                f"Signing in at {title} itself needs a person with an account there."
            )
        can_sign_in = "email_password" in self.methods
        if can_sign_in:
            yield "sign up", self._sign_up
        elif "magic_link" in self.methods and self.read_link is not None:
            can_sign_in = True
            yield "sign up by a link", self._sign_up_by_link
        if can_sign_in:
            yield "FastAPI recognises the user", self._recognised
        yield f"a forged {self._credential_name} is refused", self._forged
        yield "a foreign origin is refused", self._foreign
        if can_sign_in:
            yield "sign out", self._sign_out
            yield "the session is over", self._over
            if self.read_link is not None:
                yield "the address is changed", self._change_address
            else:
                self.notes.append(
                    "Changing the address and deleting the account were not verified: "
                    "their mails cannot be read; run it without --auth-url."
                )
        else:
            self.notes.append(_why_nobody_signed_in(self.methods))

    @property
    def _credential_name(self) -> str:
        return "token" if self.uses_jwt else "cookie"

    def _anonymous(self, browser: Browser) -> str:
        return expect(browser.get(self.me_url), UNAUTHORIZED, self.me_url)

    def _leads_to(self, provider: str, host: str) -> Take:
        def take(browser: Browser) -> str:
            url = f"{self.auth_url}/api/auth/sign-in/social"
            asked = {"provider": provider, "callbackURL": self.auth_url}
            # The state that it sets belongs to a sign-in that is never finished.
            answer = Browser(origin=browser.origin).post(url, asked)
            if answer.status == NOT_FOUND and self.read_link is not None:
                # Servers of development: in production it would not have started.
                return "off, until its credentials are in the auth server's .env"
            expect(answer, OK, url)
            there = urlsplit(str(answer.json()["url"])).hostname
            if there != host:
                message = f"{url} leads to {there} instead of {host}"
                raise VerificationError(message)
            return host

        return take

    def _sign_up(self, browser: Browser) -> str:
        person = {"email": self.email, "password": self.password, "name": "Verify"}
        url = f"{self.auth_url}/api/auth/sign-up/email"
        seen = expect(browser.post(url, person), OK, url)
        self._exists = True
        self._confirmed = self.verifies_email
        if self.verifies_email:
            seen += f", {self._confirm_address(browser)}"
        self._require_cookie(browser, url)
        return seen

    def _confirm_address(self, browser: Browser) -> str:
        if self.read_link is not None:
            follow(browser, self.read_link(self.email))
            return "address confirmed by its link"
        if self.server is None or not ask(self.server, "confirm", self.email):
            message = (
                "the link that confirms the address cannot be read here; run verify "
                "without --auth-url"
            )
            raise VerificationError(message)
        person = {"email": self.email, "password": self.password}
        url = f"{self.auth_url}/api/auth/sign-in/email"
        expect(browser.post(url, person), OK, url)
        return "address confirmed in the database, then signed in"

    def _sign_up_by_link(self, browser: Browser) -> str:
        url = f"{self.auth_url}/api/auth/sign-in/magic-link"
        seen = expect(browser.post(url, {"email": self.email}), OK, url)
        assert self.read_link is not None  # noqa: S101 - else this step is not taken
        link = self.read_link(self.email)
        self._exists = self._confirmed = True
        follow(browser, link)
        self._require_cookie(browser, url)
        return f"{seen}, link followed"

    def _require_cookie(self, browser: Browser, url: str) -> None:
        if not any(name.endswith(_TOKEN_COOKIE) for name in browser.cookies):
            message = f"{url} led to no session cookie"
            raise VerificationError(message)

    def _recognised(self, browser: Browser) -> str:
        answer = browser.get(self.me_url, self._credential(browser))
        seen = expect(answer, OK, self.me_url)
        body = answer.json()
        email = body.get("email") if isinstance(body, dict) else None
        if email != self.email:
            message = f"{self.me_url} names {email!r} instead of {self.email!r}"
            raise VerificationError(message)
        return f"{seen} {email}"

    def _forged(self, browser: Browser) -> str:
        # Well formed, so that only the signature can give it away.
        signature = secrets.token_bytes(64 if self.uses_jwt else 32)
        if self.uses_jwt:
            signed = self._token.rpartition(".")[0] or _unsigned_token()
            forged = f"{signed}.{_base64url(signature)}"
            answer = browser.get(self.me_url, {"Authorization": f"Bearer {forged}"})
            return expect(answer, UNAUTHORIZED, self.me_url)
        prefix = "__Secure-" if self.auth_url.startswith("https:") else ""
        name, token = f"{prefix}{_TOKEN_COOKIE}", secrets.token_hex(16)
        for held, value in browser.cookies.items():
            if held.endswith(_TOKEN_COOKIE):
                name, token = held, value.partition(".")[0]
        value = quote(f"{token}.{base64.b64encode(signature).decode()}", safe="")
        forger = Browser(origin=self.auth_url, cookies={name: value})
        return expect(forger.get(self.me_url), UNAUTHORIZED, self.me_url)

    def _foreign(self, browser: Browser) -> str:
        # A page elsewhere that had the browser send the person's own cookie along.
        held = browser.cookies or {_TOKEN_COOKIE: "any"}
        url = f"{self.auth_url}/api/auth/sign-out"
        answer = Browser(origin=_FOREIGN, cookies=dict(held)).post(url, {})
        return f"{expect(answer, FORBIDDEN, url)} for {_FOREIGN}"

    def _sign_out(self, browser: Browser) -> str:
        self._held = dict(browser.cookies)
        url = f"{self.auth_url}/api/auth/sign-out"
        return expect(browser.post(url, {}), OK, url)

    def _over(self, browser: Browser) -> str:
        # Offer the old cookie again: a browser would drop it, an attacker would not.
        browser.cookies = dict(self._held)
        if not self.uses_jwt:
            return expect(browser.get(self.me_url), UNAUTHORIZED, self.me_url)
        url = f"{self.auth_url}/api/auth/token"
        seen = expect(browser.get(url), UNAUTHORIZED, url)
        return (
            f"{seen} for new tokens; one issued before sign-out stays valid until it "
            f"expires, here for another {_lifetime(self._token)}"
        )

    def _change_address(self, _: Browser) -> str:
        new = f"verify-{secrets.token_hex(6)}@example.com"
        seen = self._changes().change_address(self._new_browser(), new)
        self.email, self._confirmed = new, True
        return seen

    def _delete(self, browser: Browser) -> str:
        seen = self._changes().delete_account(browser)
        self._exists = False
        return seen

    def _changes(self) -> AccountChanges:
        assert self.read_link is not None  # noqa: S101 - else these steps are not taken
        return AccountChanges(
            auth_url=self.auth_url,
            ended_url=f"{self.auth_url}/api/auth/token"
            if self.uses_jwt
            else self.me_url,
            email=self.email,
            password=self.password if "email_password" in self.methods else "",
            is_confirmed=self._confirmed,
            read_link=self.read_link,
        )

    def _new_browser(self) -> Browser:
        return Browser(origin=self.auth_url)

    def _credential(self, browser: Browser) -> dict[str, str]:
        if not self.uses_jwt:
            return {}
        url = f"{self.auth_url}/api/auth/token"
        answer = browser.get(url)
        expect(answer, OK, url)
        self._token = str(answer.json()["token"])
        return {"Authorization": f"Bearer {self._token}"}

    def _remove(self, _: Browser) -> str:
        if self.server is not None and ask(self.server, "remove", self.email):
            return "by the auth server's own configuration"
        browser = Browser(origin=self.auth_url)
        browser.post(
            f"{self.auth_url}/api/auth/sign-in/email",
            {"email": self.email, "password": self.password},
        )
        answer = browser.post(
            f"{self.auth_url}/api/auth/delete-user", {"password": self.password}
        )
        body = answer.json()
        # Where a mail must confirm it, the answer is a success too.
        said = body.get("message") if isinstance(body, dict) else None
        if answer.status == OK and said == "User deleted":
            return "by /api/auth/delete-user"
        message = (
            f"The test user {self.email} is still there: the auth server's .env does "
            "not lead to its database, and /api/auth/delete-user does not delete it "
            "without a mail."
        )
        raise VerificationError(message)


def _taken(name: str, take: Take, browser: Browser) -> Step:
    started = time.perf_counter()
    try:
        ok, detail = True, take(browser)
    except BetterAuthError as error:
        ok, detail = False, str(error)
    seconds = time.perf_counter() - started
    return Step(name=name, ok=ok, detail=detail, seconds=seconds)


def _why_nobody_signed_in(methods: Sequence[str]) -> str:
    unseen = "Sign-up, being recognised by FastAPI and sign-out were not verified: "
    if "magic_link" in methods:
        return f"{unseen}the mailed link cannot be read; run it without --auth-url."
    return f"{unseen}no chosen method lets a program sign in."


def _unsigned_token() -> str:
    now = int(time.time())
    parts = (
        {"alg": "EdDSA", "kid": secrets.token_hex(16)},
        {"sub": secrets.token_hex(16), "iat": now, "exp": now + 60},
    )
    return ".".join(_base64url(json.dumps(part).encode()) for part in parts)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _lifetime(token: str) -> str:
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    minutes, seconds = divmod(max(0, int(claims["exp"] - time.time())), 60)
    return f"{minutes} min {seconds} s"
