"""Two rules around lines that fit a terminal; long commands go on after a backslash."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TITLE = "── better-auth "
# A blank that a shell reads as the end of a word.
_WORDS = re.compile(r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+")


def framed(lines: Sequence[str], width: int) -> str:
    """Return lines between rules; each can be copied as it stands."""
    inside = max(width - 1, 30)
    shown = [part for line in lines for part in fitting(line, inside)]
    return "\n".join((_TITLE.ljust(inside, "─"), *shown, "─" * inside)) + "\n"


def fitting(line: str, inside: int) -> Iterator[str]:
    """Yield a sentence, or a command (which is indented), in lines of that width."""
    if len(line) <= inside:
        yield line
    elif _is_prose(line):
        yield from textwrap.wrap(
            line,
            inside,
            subsequent_indent="     ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    else:
        yield from _continued(line, inside)


def _is_prose(line: str) -> bool:
    """Return True for a sentence, whose words may be on several lines."""
    return not line.startswith("  ") or line.lstrip()[:1].isdigit()


def _continued(command: str, inside: int) -> Iterator[str]:
    """Yield a command as a shell reads it from several lines."""
    indent = len(command) - len(command.lstrip())
    now = ""
    for word in _WORDS.findall(command):
        longer = f"{now} {word}" if now else f"{'':{indent}}{word}"
        if now and len(longer) > inside - len(" \\"):
            yield f"{now} \\"
            longer = f"{'':{indent + 4}}{word}"
        now = longer
    yield now
