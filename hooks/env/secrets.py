"""The secrets that count in an env file: one, or a list of them while they change."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE, LIST = "BETTER_AUTH_SECRET", "BETTER_AUTH_SECRETS"
_LEAST = 32


def secrets_in(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the secrets that count, the current one first.

    The list, ``2:new,1:old``, where there is one, else the one secret alone.
    """
    listed = tuple(value for _, value in _entries(variables.get(LIST, "")) if value)
    return listed or tuple(filter(None, (variables.get(ONE),)))


def is_malformed(listed: str) -> bool:
    """Return True if the auth server, or FastAPI, refuses to start with such a list."""
    found = _entries(listed)
    versions = {int(version) for version, _ in found if version}
    short = any(len(value) < _LEAST for _, value in found)
    return bool(listed) and (short or len(versions) < len(found))


def fingerprint(secret: str) -> str:
    """Return the eight digits that both servers print."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def _entries(listed: str) -> list[tuple[str, str]]:
    """Return version and secret of each entry; both empty where it is none."""
    found = (entry.partition(":") for entry in listed.split(",") if listed)
    return [
        (version.strip(), secret.strip()) if _is_number(version.strip()) else ("", "")
        for version, _, secret in found
    ]


def _is_number(text: str) -> bool:
    # Python refuses to read some thousand digits.
    return text.isdecimal() and len(text) < 10  # noqa: PLR2004 - more than any version
