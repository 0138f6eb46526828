"""The lines with which git and Copier mark what they could not merge."""

from __future__ import annotations

import re

_OPENS = re.compile(rb"^<{7}(?: |$)")
_ENDS = re.compile(rb"^>{7}(?: |$)")
_BASE = re.compile(rb"^\|{7}(?: |$)")
_BETWEEN = re.compile(rb"^={7}(?: |$)")
# Where a line of seven signs may underline a heading.
_PROSE = (".md", ".markdown", ".rst", ".txt", ".py")


def conflict_marks(source: bytes, path: str = "") -> tuple[int, ...]:
    """Return the lines, from 1 on, where a conflict begins, or is left in part.

    A line of seven ``=`` alone counts where no text can have one: not in ``path`` of
    Markdown, plain text or Python.
    """
    if not any(sign * 7 in source for sign in (b"<", b">", b"|", b"=")):
        return ()
    found: list[int] = []
    is_open = False
    for number, line in enumerate(source.splitlines(), 1):
        if _OPENS.match(line):
            found.append(number)
            is_open = True
        elif _ENDS.match(line):
            found += [] if is_open else [number]
            is_open = False
        elif not is_open and (
            _BASE.match(line) or (_BETWEEN.match(line) and not path.endswith(_PROSE))
        ):
            found.append(number)
    return tuple(found)


def lines_in_conflict(source: bytes) -> frozenset[int]:
    """Return the numbers of all lines that are between marks of a conflict."""
    found: set[int] = set()
    is_open = False
    for number, line in enumerate(source.splitlines(), 1):
        is_open = is_open or _OPENS.match(line) is not None
        if is_open:
            found.add(number)
        is_open = is_open and _ENDS.match(line) is None
    return frozenset(found)
