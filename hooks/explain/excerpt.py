"""What of a log is looked at: its end, without the rest of lines that never end."""

from __future__ import annotations

import re

_LONGEST = 250_000
_LONGEST_LINE = 1_000
# A secret that is cut in two would not be known for one.
_BETWEEN_WORDS = re.compile(r"[\s\"',;&]")


def excerpt(text: str) -> str:
    """Return the last part of ``text`` with each line at a length that people read.

    Patterns take their time with what machines write by the megabyte, and errors are
    said at the end.
    """
    return "\n".join(map(_cut, text[-_LONGEST:].splitlines()))


def _cut(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    kept = line[:_LONGEST_LINE]
    ends = [found.end() for found in _BETWEEN_WORDS.finditer(kept)]
    return kept[: ends[-1] if ends else 0] + "…"
