"""The diagnostics' results, for people and for scripts."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from ..model import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..diagnostics import Check
    from ..model import CheckResult

_ORDER = (
    *(Status.CRASH, Status.FAIL, Status.WARN),
    *(Status.FIXED, Status.SKIP, Status.PASS),
)
_GLYPHS = {
    Status.CRASH: "✖",
    Status.FAIL: "✖",
    Status.WARN: "▲",
    Status.FIXED: "✔",
    Status.SKIP: "○",
    Status.PASS: "✔",
}
_COLOURS = {
    Status.CRASH: "31",
    Status.FAIL: "31",
    Status.WARN: "33",
    Status.FIXED: "32",
    Status.SKIP: "90",
    Status.PASS: "32",
}
_COUNTED = {
    Status.CRASH: "crashed",
    Status.FAIL: "failed",
    Status.WARN: "to look at",
    Status.FIXED: "fixed",
    Status.SKIP: "skipped",
    Status.PASS: "passed",
}


@dataclass(frozen=True, kw_only=True)
class Style:
    """How text may look where it goes; without both, it is words alone."""

    glyphs: bool = False
    colours: bool = False


PLAIN = Style()


def style_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """Return what a stream can show, and what its reader wants (``NO_COLOR``)."""
    try:
        "".join(_GLYPHS.values()).encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    wanted = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Style(glyphs=True, colours=wanted and stream.isatty())


class Progress:
    """One line that says what is being looked at, where a person watches."""

    def __init__(self, stream: TextIO) -> None:
        """Write to ``stream`` if it is a terminal, else nowhere."""
        self._stream = stream if stream.isatty() else None

    def started(self, check: type[Check]) -> None:
        """Put another diagnostic into the line."""
        self._write(f"\r\x1b[K  looking at {check.name} ...")

    def end(self) -> None:
        """Take the line away."""
        self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()


def failed(results: Sequence[CheckResult]) -> bool:
    """Tell whether any diagnostic failed or crashed."""
    return any(result.status in {Status.FAIL, Status.CRASH} for result in results)


def results_as_json(results: Sequence[CheckResult]) -> str:
    """Return the results as the contract's JSON object."""
    counts = {s.value: sum(r.status is s for r in results) for s in Status}
    listed = [dataclasses.asdict(result) for result in results]
    return json.dumps({"results": listed, "summary": counts}, indent=2) + "\n"


def render_results(results: Sequence[CheckResult], style: Style = PLAIN) -> str:
    """Return the results as text, problems first, each with what to type."""
    return "\n".join(_lines(results, style)) + "\n"


def _lines(results: Sequence[CheckResult], style: Style) -> Iterator[str]:
    margin = " " * (8 if style.glyphs else 6)
    for result in sorted(results, key=lambda r: _ORDER.index(r.status)):
        label = f"{result.status.value.upper():<5}"
        if style.glyphs:
            label = f"{_GLYPHS[result.status]} {label}"
        label = _coloured(label, result.status, style)
        yield f"{label} {result.code} {result.name}: {result.message}"
        if result.status in {Status.PASS, Status.SKIP, Status.FIXED}:
            continue
        # A place that only repeats the message is said by its path.
        for place in result.detail.splitlines():
            where = place.partition(" ")[0] if result.message in place else place
            yield f"{margin}{where}"
        if result.remedy:
            yield f"{margin}> {result.remedy}"
    if len(results) > 1:
        counts = ((s, sum(r.status is s for r in results)) for s in _ORDER)
        yield ""
        yield ", ".join(f"{count} {_COUNTED[s]}" for s, count in counts if count)


def _coloured(text: str, status: Status, style: Style) -> str:
    return f"\x1b[{_COLOURS[status]}m{text}\x1b[0m" if style.colours else text
