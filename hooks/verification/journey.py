"""One person's way through both servers, from sign-up to the end of the session."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..errors import BetterAuthError
from .browser import Answer, Browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OK = 200
UNAUTHORIZED = 401
_TOKEN_COOKIE = "better-auth.session_token"  # noqa: S105 - its name


class VerificationError(BetterAuthError):
    """A step did not come out as it must; the text says which and what came instead."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step that held, with what was seen and the seconds it took."""

    name: str
    seen: str
    seconds: float


@dataclass(kw_only=True)
class Journey:
    """The servers to visit and what is configured there.

    ``me_url`` is FastAPI's protected route. ``read_link`` returns the newest link that
    was mailed (or printed) to an address, where addresses must be verified; without
    verification it is ``None``. With ``uses_jwt`` FastAPI is shown a token in place of
    the cookie, which by design stays valid after sign-out until it expires.
    """

    auth_url: str
    me_url: str
    read_link: Callable[[str], str] | None = None
    uses_jwt: bool = False
    email: str = field(
        default_factory=lambda: f"verify-{secrets.token_hex(6)}@example.com"
    )
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    _held: dict[str, str] = field(default_factory=dict[str, str])

    def steps(self) -> Iterator[Step]:
        """Take the steps in turn; raise ``VerificationError`` where one fails."""
        browser = Browser(origin=self.auth_url)
        for name, take in (
            ("nobody is refused", self._anonymous),
            ("sign up", self._sign_up),
            ("FastAPI recognises the user", self._recognised),
            ("a forged cookie is refused", self._forged),
            ("sign out", self._sign_out),
            ("the session is over", self._over),
        ):
            started = time.perf_counter()
            seen = take(browser)
            yield Step(name=name, seen=seen, seconds=time.perf_counter() - started)

    def _anonymous(self, browser: Browser) -> str:
        return _expect(browser.get(self.me_url), UNAUTHORIZED, self.me_url)

    def _sign_up(self, browser: Browser) -> str:
        person = {"email": self.email, "password": self.password, "name": "Verify"}
        url = f"{self.auth_url}/api/auth/sign-up/email"
        seen = _expect(browser.post(url, person), OK, url)
        if self.read_link is not None:
            link = self.read_link(self.email)
            answer = browser.get(link)
            if answer.status not in {OK, 302}:
                message = f"{_without_query(link)} answered {answer.status}"
                raise VerificationError(message)
            seen += ", address verified by its link"
        if not any(name.endswith(_TOKEN_COOKIE) for name in browser.cookies):
            message = (
                f"{url} set no session cookie; where addresses must be confirmed, run "
                "verify without --auth-url, so that it can read the link"
                if self.read_link is None
                else f"{_without_query(url)} led to no session cookie"
            )
            raise VerificationError(message)
        return seen

    def _recognised(self, browser: Browser) -> str:
        answer = browser.get(self.me_url, self._credential(browser))
        seen = _expect(answer, OK, self.me_url)
        body = answer.json()
        email = body.get("email") if isinstance(body, dict) else None
        if email != self.email:
            message = f"{self.me_url} names {email!r} instead of {self.email!r}"
            raise VerificationError(message)
        return f"{seen} {email}"

    def _forged(self, browser: Browser) -> str:
        name = next(n for n in browser.cookies if n.endswith(_TOKEN_COOKIE))
        token = browser.cookies[name].partition(".")[0]
        # Well formed, so that only the signature can give it away.
        signature = base64.b64encode(secrets.token_bytes(32)).decode()
        forged = Browser(
            origin=self.auth_url,
            cookies={name: quote(f"{token}.{signature}", safe="")},
        )
        return _expect(forged.get(self.me_url), UNAUTHORIZED, self.me_url)

    def _sign_out(self, browser: Browser) -> str:
        self._held = dict(browser.cookies)
        url = f"{self.auth_url}/api/auth/sign-out"
        return _expect(browser.post(url, {}), OK, url)

    def _over(self, browser: Browser) -> str:
        # Offer the old cookie again: a browser would drop it, an attacker would not.
        browser.cookies = dict(self._held)
        if self.uses_jwt:
            url = f"{self.auth_url}/api/auth/token"
            seen = _expect(browser.get(url), UNAUTHORIZED, url)
            return f"{seen} for new tokens; one already issued lives until it expires"
        return _expect(browser.get(self.me_url), UNAUTHORIZED, self.me_url)

    def _credential(self, browser: Browser) -> dict[str, str]:
        if not self.uses_jwt:
            return {}
        url = f"{self.auth_url}/api/auth/token"
        answer = browser.get(url)
        _expect(answer, OK, url)
        return {"Authorization": f"Bearer {answer.json()['token']}"}


def _expect(answer: Answer, status: int, url: str) -> str:
    if answer.status == status:
        return str(status)
    seen = answer.status or "nothing"
    said = " ".join(answer.text.split())[:200]
    message = f"{url} answered {seen} instead of {status}: {said}"
    raise VerificationError(message)


def _without_query(url: str) -> str:
    return url.partition("?")[0]
