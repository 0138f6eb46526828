"""What an answer must be, and the error that says what came instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BetterAuthError

if TYPE_CHECKING:
    from .browser import Answer, Browser

OK = 200
FOUND = 302
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404


class VerificationError(BetterAuthError):
    """A step did not come out as it must; the text says which and what came instead."""


def expect(answer: Answer, status: int, url: str) -> str:
    """Return the status of an answer that has the expected one."""
    if answer.status == status:
        return str(status)
    seen = answer.status or "nothing"
    said = " ".join(answer.text.split())[:200]
    message = f"{url} answered {seen} instead of {status}: {said}"
    raise VerificationError(message)


def follow(browser: Browser, link: str) -> None:
    """Open the link of a mail; what it names may hold a token and is not repeated."""
    answer = browser.get(link)
    if answer.status not in {OK, FOUND}:
        message = f"{link.partition('?')[0]} answered {answer.status or 'nothing'}"
        raise VerificationError(message)
