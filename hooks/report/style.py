"""How text may look where it goes: symbols, colours, and the width of a terminal."""

from __future__ import annotations

import os
import shutil
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from ..syntax.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Colour = Literal["red", "green", "yellow", "cyan", "grey", "bold"]

# What a terminal's encoding must be able to say before it gets any of them.
GLYPHS = "✖▲✔○"
# Columns that a sentence gets in any terminal: fewer would be a column of words.
_NARROWEST = 20
_CODES: Mapping[Colour, str] = {
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "grey": "90",
    "bold": "1",
}


@dataclass(frozen=True, kw_only=True)
class Style:
    """Without glyphs and colours, text is words alone; without a width, unbroken."""

    glyphs: bool = False
    colours: bool = False
    width: int = 0

    def painted(self, text: str, colour: Colour | None) -> str:
        """Return ``text``, made visible, in a colour, where there are any."""
        if colour is None or not self.colours:
            return visible(text)
        return f"\x1b[{_CODES[colour]}m{visible(text)}\x1b[0m"

    def hanging(self, margin: int, text: str) -> Iterator[str]:
        """Yield ``text``, made visible, so broken that ``margin`` columns stay free."""
        text = visible(text)
        room = max(self.width - margin, _NARROWEST)
        if not self.width or len(text) <= room:
            yield text
            return
        yield from textwrap.wrap(
            text, room, break_long_words=False, break_on_hyphens=False
        )

    def paragraphs(self, text: str, column: int = 0) -> str:
        """Return ``text`` with its long lines broken between words.

        What is broken goes on below ``column``, or else two columns further in.
        """
        if not self.width:
            return text
        lines: list[str] = []
        for line in text.split("\n"):
            further = len(line) - len(line.lstrip()) + 2
            lines += textwrap.wrap(
                line,
                max(self.width - 1, _NARROWEST),
                subsequent_indent=" " * (column or further),
                break_long_words=False,
                break_on_hyphens=False,
                drop_whitespace=True,
                replace_whitespace=False,
            ) or [""]
        return "\n".join(lines)


PLAIN = Style()


def style_of(stream: TextIO | None, environ: Mapping[str, str] = os.environ) -> Style:
    """Return what a stream can show, and what its reader wants.

    ``NO_COLOR`` takes the colours away, ``FORCE_COLOR`` gives them to a pipe too; both
    count unless they are empty, and the first one wins.
    """
    if stream is None:  # closed
        return PLAIN
    at_terminal = stream.isatty()
    width = shutil.get_terminal_size().columns if at_terminal else 0
    try:
        GLYPHS.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return Style(width=width)
    refused = environ.get("NO_COLOR")
    forced = environ.get("FORCE_COLOR")
    shown = at_terminal and environ.get("TERM") != "dumb"
    colours = not refused and bool(forced or shown)
    return Style(glyphs=True, colours=colours, width=width)
