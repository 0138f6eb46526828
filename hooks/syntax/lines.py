"""Where matches are in a text: line numbers, counted once along the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator


def numbered(
    pattern: re.Pattern[str], content: str
) -> Iterator[tuple[re.Match[str], int]]:
    """Yield each match with the line, from 1 on, where its first group begins."""
    number, counted = 1, 0
    for match in pattern.finditer(content):
        start = match.start(1)
        number += content.count("\n", counted, start)
        counted = start
        yield match, number
