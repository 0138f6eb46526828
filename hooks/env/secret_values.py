"""The values in an env file that no other person may know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .secrets import LIST, ONE, secrets_in
from .sites import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Shorter values turn up in files by chance.
_TELLING = 12
OF_DATABASE = "DATABASE_URL's password"
_KEPT = ("BETTER_AUTH_SECRET", "RESEND_API_KEY", "SMTP_URL")
PLACEHOLDER = re.compile(
    r"(?i)change.?me|your.?secret|placeholder|example|secret.?(?:key|here)|^(.)\1+$"
    r"|0123456789|password|better-auth-secret"
)


def other_listed(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a list of secrets holds next to ``BETTER_AUTH_SECRET``."""
    one = variables.get(ONE, "")
    if variables.get(LIST):
        others = (value for value in secrets_in(variables) if value != one)
        yield from ((LIST, value) for value in others)


def values_in(variables: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the secrets of an env file that are recognised in other files."""
    for name, value in variables.items():
        kept = name in _KEPT or name.endswith("_CLIENT_SECRET")
        if kept and len(value) >= _TELLING and not PLACEHOLDER.search(value):
            yield name, value.encode()
    for name, value in other_listed(variables):
        if len(value) >= _TELLING and not PLACEHOLDER.search(value):
            yield name, value.encode()
    password = unquote(urlsplit(variables.get("DATABASE_URL", "")).password or "")
    if len(password) >= _TELLING:
        yield OF_DATABASE, password.encode()


def is_guessable(variables: Mapping[str, str]) -> bool:
    """Return True for a default that opens the database of a developer's machine.

    Projects write it down for everybody: ``shop:shop_password@localhost``. A name
    without a dot is a container's, which only its network knows.
    """
    url = urlsplit(variables.get("DATABASE_URL", ""))
    host, password = url.hostname or "", unquote(url.password or "").lower()
    names = (unquote(url.username or "").lower(), url.path.strip("/").lower())
    local = is_local(url.geturl()) or ("." not in host and ":" not in host)
    guessed = any(name in password for name in names if name)
    return local and (guessed or PLACEHOLDER.search(password) is not None)
