"""Which known errors a text holds, the most telling first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .known import KNOWN

if TYPE_CHECKING:
    from .row import Known

_MOST = 3
# Colours and cursor movements, which terminals' logs are full of.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, kw_only=True)
class Match:
    """A known error, and the line of the text that shows it."""

    known: Known
    line: str


def matches(text: str) -> tuple[Match, ...]:
    """Return what ``text`` shows, one for each diagnostic, at most three.

    A vague sign, such as a bare 404, counts only where nothing better is there.
    """
    plain = _ESCAPES.sub("", text)
    found: dict[str, Match] = {}
    for known in KNOWN:
        hit = known.pattern.search(plain)
        if hit is not None and not (known.vague and found):
            # What no diagnostic sees is told by what it is.
            key = next(iter(known.codes), known.what)
            found.setdefault(key, Match(known=known, line=_line(plain, hit)))
    return tuple(found.values())[:_MOST]


def _line(text: str, hit: re.Match[str]) -> str:
    start = text.rfind("\n", 0, hit.start()) + 1
    end = text.find("\n", hit.end())
    return text[start : end if end >= 0 else len(text)].strip()
