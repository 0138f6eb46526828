"""What a user does to their own account: another address, and the end of it.

Both are confirmed by mail, and both end every session.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .expectations import OK, UNAUTHORIZED, VerificationError, expect, follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from .browser import Browser

_MAIL_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class AccountChanges:
    """A user, how they sign in, and where it shows that their session has ended.

    ``password`` is empty where a mailed link signs in. ``is_confirmed`` is false where
    the address was never mailed to.
    """

    auth_url: str
    ended_url: str
    email: str
    password: str
    is_confirmed: bool
    read_link: Callable[[str], str]
    _read: set[str] = field(default_factory=set[str])

    def change_address(self, browser: Browser, new: str) -> str:
        """Sign in and change the address, by mails to the old one and to the new."""
        self._sign_in(browser)
        if not self.is_confirmed:
            self._post(browser, "send-verification-email", {"email": self.email})
            follow(browser, self._link(self.email))
        self._post(browser, "change-email", {"newEmail": new})
        for mailbox in (self.email, new):
            follow(browser, self._link(mailbox))
        return f"to {new}, {self._ended(browser)} for the session of before"

    def delete_account(self, browser: Browser) -> str:
        """Sign in and delete the account by the mailed link."""
        self._sign_in(browser)
        held = dict(browser.cookies)
        self._post(browser, "delete-user", {})
        follow(browser, self._link(self.email))
        # As an attacker would go on: a browser has dropped the cookie.
        browser.cookies = held
        return f"by its mailed link, {self._ended(browser)} for the session of before"

    def _sign_in(self, browser: Browser) -> None:
        if self.is_confirmed:
            # What was mailed to this address earlier is not what is to come.
            self._read.add(self.read_link(self.email))
        if self.password:
            person = {"email": self.email, "password": self.password}
            self._post(browser, "sign-in/email", person)
        else:
            self._post(browser, "sign-in/magic-link", {"email": self.email})
            follow(browser, self._link(self.email))

    def _post(self, browser: Browser, path: str, body: dict[str, str]) -> None:
        url = f"{self.auth_url}/api/auth/{path}"
        expect(browser.post(url, body), OK, url)

    def _link(self, email: str) -> str:
        """Return the newest link, once it is another than those of before."""
        deadline = time.monotonic() + _MAIL_SECONDS
        while (link := self.read_link(email)) in self._read:
            if time.monotonic() > deadline:
                message = f"no further link was mailed to {email}"
                raise VerificationError(message)
            time.sleep(0.05)
        self._read.add(link)
        return link

    def _ended(self, browser: Browser) -> str:
        return expect(browser.get(self.ended_url), UNAUTHORIZED, self.ended_url)
