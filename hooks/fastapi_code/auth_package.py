"""Whether a folder holds the auth package of an earlier run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..repository import Repository

# What no other package of that name would define.
_MARKS = {
    "config.py": "class AuthSettings(",
    "errors.py": "class AuthUnavailable(",
    "strategy.py": "class Strategy(Protocol)",
}


def is_auth_package(repository: Repository, folder: str) -> bool:
    """Recognise the auth package of an earlier run, by what it defines."""
    return any(
        mark in (repository.text(f"{folder}/{name}") or "")
        for name, mark in _MARKS.items()
    )
