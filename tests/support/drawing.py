"""Terminal screens as SVG: a still, or frames that a browser plays without a script.

One file serves light and dark pages, asks for no font and moves nothing for people who
want no motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

import pyte
from wcwidth import wcswidth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyte.screens import Char

    Row = tuple[Char, ...]
    Rows = tuple[Row, ...]

_CELL, _LINE, _FONT, _MARGIN, _BAR = 8.4, 18, 14, 16, 34
_COLOURS = ("red", "green", "yellow", "blue", "magenta", "cyan", "grey")
_NAMES = ("text", "ground", "edge", *_COLOURS)
_LIGHT = "1f2328 ffffff d0d7de b42318 1a7f37 8a5a00 0550ae 8250df 0b6e79 59636e"
_DARK = "e6edf3 0d1117 30363d ff7b72 3fb950 d29922 58a6ff bc8cff 39c5cf 8b949e"
# As pyte names the colours of terminals.
_CLASSES = {"brown": "yellow", "brightblack": "grey", "black": "grey"}
_MONOSPACE = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One screen and how long it is shown."""

    rows: Rows
    seconds: float


class Terminal:
    """A terminal of some size; what is printed there can be looked at."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        """Begin with an empty screen."""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)

    def print(self, text: str) -> None:
        """Show what a program has printed."""
        self._stream.feed(text)

    @property
    def cursor(self) -> int:
        """Return the row of the cursor, from 1."""
        return self._screen.cursor.y + 1

    @property
    def rows(self) -> Rows:
        """Return what is shown now, down to the last row that holds anything."""
        columns = range(self._screen.columns)
        shown = [
            tuple(self._screen.buffer[y][x] for x in columns)
            for y in range(self._screen.lines)
        ]
        while shown and not any(cell.data.strip() for cell in shown[-1]):
            shown.pop()
        return tuple(shown)


def still(title: str, rows: Rows, columns: int = 80) -> str:
    """Return a picture of one screen, as high as what it shows."""
    return _svg(title, columns, len(rows), _drawn([rows]), "")


def animation(title: str, frames: Sequence[Frame], columns: int, lines: int) -> str:
    """Return a picture that shows one screen after another, again and again."""
    height = lines * _LINE
    total = sum(frame.seconds for frame in frames)
    begins = accumulate((frame.seconds for frame in frames[:-1]), initial=0.0)
    steps = "".join(
        f"{begin / total:.3%}{{transform:translateY({-n * height}px)}}"
        for n, begin in enumerate(begins)
    )
    last = f"translateY({-(len(frames) - 1) * height}px)"
    style = (
        f"@keyframes play{{{steps}}}"
        f".film{{transform:{last};animation:play {total:.1f}s step-end infinite}}"
        "@media(prefers-reduced-motion:reduce){.film{animation:none}}"
    )
    return _svg(title, columns, lines, _drawn([f.rows for f in frames], height), style)


def _svg(title: str, columns: int, lines: int, drawn: str, style: str) -> str:
    width = round(columns * _CELL) + 2 * _MARGIN
    height = lines * _LINE + _BAR + _MARGIN
    inside = f'width="{width - 2 * _MARGIN}" height="{lines * _LINE}"'
    name = escape(title, quote=True)
    dots = "".join(
        f'<circle class="dot" cx="{20 + 18 * n}" cy="17" r="5"/>' for n in range(3)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{name}">\n<style>{_colours()}{style}</style>\n'
        f'<rect class="window" x=".5" y=".5" width="{width - 1}" '
        f'height="{height - 1}" rx="8"/>\n{dots}\n'
        f'<text class="grey" x="{width / 2}" y="22" text-anchor="middle">{name}</text>'
        f'\n<svg x="{_MARGIN}" y="{_BAR}" {inside}>\n<g class="film">\n{drawn}</g>\n'
        "</svg>\n</svg>\n"
    )


def _colours() -> str:
    """Return the style of both themes; a page that shows the file says which one."""
    light, dark = (
        ";".join(f"--{n}:#{c}" for n, c in zip(_NAMES, theme.split(), strict=True))
        for theme in (_LIGHT, _DARK)
    )
    classes = "".join(f".{name}{{fill:var(--{name})}}" for name in _COLOURS)
    return (
        f"svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}"
        f"text{{font:{_FONT}px {_MONOSPACE};fill:var(--text);white-space:pre}}"
        ".window{fill:var(--ground);stroke:var(--edge)}.dot{fill:var(--edge)}"
        f".bold{{font-weight:700}}{classes}"
    )


def _drawn(screens: Sequence[Rows], height: int = 0) -> str:
    """Draw screens below each other; a row that is shown again is drawn once."""
    known: dict[Row, str] = {}
    uses: list[str] = []
    for n, screen in enumerate(screens):
        for y, row in enumerate(screen):
            if any(cell.data.strip() for cell in row):
                name = known.setdefault(row, f"r{len(known)}")
                place = n * height + y * _LINE
                uses.append(f'<use href="#{name}" y="{place}"/>\n')
    drawn = (f'<g id="{name}">{_row(row)}</g>\n' for row, name in known.items())
    return f"<defs>\n{''.join(drawn)}</defs>\n{''.join(uses)}"


def _row(row: Row) -> str:
    return "".join(_run(column, cells) for column, cells in _runs(row))


def _runs(row: Row) -> Iterator[tuple[int, Sequence[Char]]]:
    """Yield neighbours of one look, with their column; a wide symbol is one alone."""
    placed = list(enumerate(row))
    for _, run in groupby(placed, key=lambda cell: _look(*cell)):
        column, cells = zip(*run, strict=True)
        if "".join(cell.data for cell in cells).strip():
            yield column[0], cells


def _look(column: int, cell: Char) -> tuple[object, ...]:
    is_wide = wcswidth(cell.data) != 1
    return cell.fg, cell.bold, column if is_wide else -1


def _run(column: int, cells: Sequence[Char]) -> str:
    text = "".join(cell.data for cell in cells)
    column += len(text) - len(text.lstrip())
    text = text.strip()
    colour = _CLASSES.get(cells[0].fg, cells[0].fg)
    names = [colour] if colour in _COLOURS else []
    classes = " ".join([*names, *(["bold"] if cells[0].bold else [])])
    look = f' class="{classes}"' if classes else ""
    length = wcswidth(text) * _CELL
    return (
        f'<text x="{column * _CELL:.1f}" y="{_FONT}" textLength="{length:.1f}"{look}>'
        f"{escape(text, quote=False)}</text>"
    )
