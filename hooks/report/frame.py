"""A frame around lines, in which a command stays in one piece, to be copied whole."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


def framed(lines: Sequence[str], width: int) -> str:
    """Return lines in a frame; a command stays in one piece, to be copied whole."""
    inside = max(width - 4, 20)
    narrow = [line for line in lines if len(line) <= inside]
    if len(narrow) == len(lines):
        return _panel(lines, width)
    # What is longer than the terminal is told below the frame, unbroken.
    notes: list[str] = []
    kept: list[str] = []
    for line in lines:
        if len(line) <= inside:
            kept.append(line)
        elif _is_prose(line) and max(map(len, line.split())) < inside - 5:
            kept += textwrap.wrap(
                line, inside, subsequent_indent="     ", break_on_hyphens=False
            )
        else:
            notes.append(line.strip())
            kept.append(f"  [{len(notes)}] below")
    numbered = [f"[{number}] {note}" for number, note in enumerate(notes, 1)]
    return _panel(kept, width) + "\n".join(numbered) + "\n" * bool(numbered)


def _is_prose(line: str) -> bool:
    """Return True for a sentence, whose words may be on several lines."""
    return not line.startswith("  ") or line.lstrip()[:1].isdigit()


def _panel(lines: Sequence[str], width: int) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, color_system=None)
    console.print(Panel(Text("\n".join(lines)), title="better-auth", padding=(0, 1)))
    return stream.getvalue()
