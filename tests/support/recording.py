"""A terminal session as a film: who types, what is printed, at a pace to read it by."""

from __future__ import annotations

import codecs
import time

from support.drawing import Frame, Terminal

_KEY_SECONDS = 0.04
_BEFORE_ENTER = 0.5
# What is printed at once is one frame; where the program waits, a person reads.
_SHORTEST, _WAITED, _READING = 0.1, 0.25, 0.9


class Recording:
    """What a terminal shows, screen by screen, each for the seconds that it lasts."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        """Begin with an empty terminal."""
        self._terminal = Terminal(columns, lines)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._frames: list[Frame] = []
        self._seconds = 0.0
        self._last = time.monotonic()

    def typed(self, command: str) -> None:
        """Show a command as it is typed, and Enter."""
        for key in f"$ {command}":
            self.printed(key, _KEY_SECONDS)
        self.printed("", _BEFORE_ENTER)
        self.printed("\r\n")

    def printed(self, text: str, seconds: float = 0.0) -> None:
        """Show what was printed at once, for some seconds."""
        self._terminal.print(text)
        self._last = time.monotonic()
        if seconds:
            self._keep(seconds)

    def saw(self, data: bytes) -> int:
        """Show what is being printed at this moment; return the cursor's row."""
        waited = time.monotonic() - self._last
        self._keep(_READING if waited > _WAITED else waited)
        self.printed(self._decoder.decode(data))
        return self._terminal.cursor

    def frames(self, last: float) -> list[Frame]:
        """Return the screens, no two neighbours alike; the last one stays a while."""
        self._keep(last)
        return self._frames

    def _keep(self, seconds: float) -> None:
        """Let what is shown now stay for some seconds; what flashes by is no frame."""
        self._seconds += seconds
        if self._seconds < _SHORTEST and seconds < _KEY_SECONDS:
            return
        rows, shown = self._terminal.rows, self._seconds
        if self._frames and self._frames[-1].rows == rows:
            shown += self._frames.pop().seconds
        self._frames.append(Frame(rows=rows, seconds=shown))
        self._seconds = 0.0
