"""One known error: how it reads, what it means, and what to type."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Known:
    """One error: how it reads, the diagnostics that look into it, and the answer.

    ``codes`` is empty where no diagnostic could see it: what a visitor did, say.
    """

    codes: tuple[str, ...]
    pattern: re.Pattern[str]
    what: str
    why: str
    do: str
    vague: bool = False


def known(  # noqa: PLR0913 - a row of a table
    codes: str, pattern: str, what: str, why: str, do: str, *, vague: bool = False
) -> Known:
    """Return a row; ``codes`` are separated by blanks, case does not count."""
    return Known(
        codes=tuple(codes.split()),
        pattern=re.compile(pattern, re.IGNORECASE),
        what=what,
        why=why,
        do=do,
        vague=vague,
    )


FIX = "copier-better-auth doctor --fix --check "
CHECK = "copier-better-auth doctor --check "
