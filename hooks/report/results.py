"""The diagnostics' results, for people."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TextIO

from ..model import Status
from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..diagnostics import Check
    from ..model import CheckResult
    from .style import Colour

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
_COLOURS: Mapping[Status, Colour] = {
    Status.CRASH: "red",
    Status.FAIL: "red",
    Status.WARN: "yellow",
    Status.FIXED: "green",
    Status.SKIP: "grey",
    Status.PASS: "green",
}
_COUNTED = {
    Status.CRASH: "crashed",
    Status.FAIL: "failed",
    Status.WARN: "to look at",
    Status.FIXED: "fixed",
    Status.SKIP: "skipped",
    Status.PASS: "passed",
}


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


def problems(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the results that are for somebody to look at."""
    worth = {Status.CRASH, Status.FAIL, Status.WARN}
    return tuple(result for result in results if result.status in worth)


def failed(results: Sequence[CheckResult]) -> bool:
    """Return True if any diagnostic failed or crashed."""
    return any(result.status in {Status.FAIL, Status.CRASH} for result in results)


def nothing_planned(results: Sequence[CheckResult]) -> str:
    """Say what it means that no fix is planned."""
    if failed(results) or any(result.status is Status.WARN for result in results):
        return "No safe fix is known for what is listed above: it is yours to do."
    return "Nothing to fix."


def render_results(results: Sequence[CheckResult], style: Style = PLAIN) -> str:
    """Return the results as text, problems first, each with what to type."""
    return "\n".join(_lines(results, style)) + "\n"


def _lines(results: Sequence[CheckResult], style: Style) -> Iterator[str]:
    margin = " " * (8 if style.glyphs else 6)
    for result in _once_for_each_reason(results):
        yield from _result(result, style, margin)
    if len(results) > 1:
        counts = ((s, sum(r.status is s for r in results)) for s in _ORDER)
        yield ""
        yield ", ".join(f"{count} {_COUNTED[s]}" for s, count in counts if count)


def _once_for_each_reason(results: Sequence[CheckResult]) -> Iterator[CheckResult]:
    """Yield the results in order; what was skipped for one reason is one of them."""
    skipped = [r for r in results if r.status is Status.SKIP]
    told: set[str] = set()
    for result in sorted(results, key=lambda r: _ORDER.index(r.status)):
        same = [r for r in skipped if r.detail == result.detail]
        if result.status is not Status.SKIP or len(same) == 1:
            yield result
        elif result.detail not in told:
            told.add(result.detail)
            *others, last = (f"{r.code} {r.name}" for r in same)
            names = f"{', '.join(others)} and {last}"
            message = f"nothing wrong, as far as the files show; {result.detail}"
            yield dataclasses.replace(result, code=names, name="", message=message)


def _result(result: CheckResult, style: Style, margin: str) -> Iterator[str]:
    label = f"{result.status.value.upper():<5}"
    if style.glyphs:
        label = f"{_GLYPHS[result.status]} {label}"
    label = style.painted(label, _COLOURS[result.status])
    said = f"{f'{result.code} {result.name}'.strip()}: {result.message}"
    first, *rest = style.hanging(len(margin), said)
    yield f"{label} {first}"
    yield from (f"{margin}{line}" for line in rest)
    if result.status in {Status.PASS, Status.FIXED}:
        return
    # A place that only repeats the message is said by its path.
    places = () if result.status is Status.SKIP else result.detail.splitlines()
    for place in places:
        where = place.partition(" ")[0] if result.message in place else place
        yield from (f"{margin}{line}" for line in style.hanging(len(margin), where))
    if result.remedy:
        first, *rest = style.hanging(len(margin) + 2, result.remedy)
        yield f"{margin}> {first}"
        yield from (f"{margin}  {line}" for line in rest)
