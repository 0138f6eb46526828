"""What a person sees of bytes that a program has printed: an emulated terminal."""

from __future__ import annotations

import itertools

import pyte
from wcwidth import wcswidth

# Higher than any output, so that nothing scrolls away.
_TALL = 3000


def rows(printed: str, columns: int = 80) -> list[str]:
    """Return all that was shown at the end, a string for each row of the terminal."""
    screen = pyte.Screen(columns, _TALL)
    pyte.Stream(screen).feed(printed)
    shown = [row.rstrip() for row in screen.display]
    while shown and not shown[-1]:
        shown.pop()
    return shown


def broken_words(printed: str, columns: int = 80) -> list[str]:
    """Return the words that the right edge of the terminal cuts in two.

    A row that is full to its last column is then followed by one without an indent.
    """
    return [
        f"{above.split()[-1]}|{below.split()[0]}"
        for above, below in itertools.pairwise(rows(printed, columns))
        if wcswidth(above) == columns and below[:1].strip()
    ]
