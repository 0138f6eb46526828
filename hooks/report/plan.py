"""A plan for people: what is created, changed, skipped, and left to do by hand."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from ..model import Where
from ..syntax.encoding import decoded
from ..syntax.visible import visible
from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model import FileEdit, ManualStep, Plan, Skip
    from .style import Colour

_NOTHING = "Nothing to change: everything is in place."
_HIDDEN = "(not shown: it holds a secret)"
_COLOURS: Mapping[str, Colour] = {
    "create": "green",
    "modify": "cyan",
    "delete": "red",
    "by hand": "yellow",
    "skip": "grey",
}
_OF_DIFF: Mapping[str, Colour] = {"+": "green", "-": "red", "@": "cyan"}


def render_plan(
    plan: Plan, *, applied: bool, style: Style = PLAIN, nothing: str = ""
) -> str:
    """Return a row for each file and each thing left alone, diffs, manual steps.

    ``nothing`` is said where no file is edited.

    The diff of a file that existed is always shown, that of a new one unless it was
    ``applied``: then it can be read on the disk.
    """
    lines = _lines(plan, style, nothing or _NOTHING, applied=applied)
    return "\n".join(lines) + "\n"


def _lines(plan: Plan, style: Style, nothing: str, *, applied: bool) -> Iterator[str]:
    if plan.edits:
        yield "Applied:" if applied else "Planned, and not applied (preview):"
    else:
        yield nothing
    yield from _table(plan, style)
    for edit in plan.edits:
        if edit.before is not None or not applied:
            yield ""
            yield from _diff(edit, style)
    for number, step in enumerate(plan.manual_steps, start=1):
        yield ""
        yield from _manual(number, step, style)


def _table(plan: Plan, style: Style) -> Iterator[str]:
    found = [(_verb(edit), edit.path, "; ".join(edit.why)) for edit in plan.edits]
    found += [("by hand", step.path, step.why) for step in plan.manual_steps]
    found += [("skip", _what(skip), skip.why) for skip in plan.skips]
    rows = [(verb, visible(what), why) for verb, what, why in found]
    column = max((len(what) for _, what, _ in rows), default=0)
    if style.width:
        column = min(column, style.width // 3)
    margin = 2 + 7 + 2 + column + 2
    for verb, what, why in rows:
        label = style.painted(f"{verb:<7}", _COLOURS[verb])
        reasons = style.hanging(margin, why)
        if len(what) <= column:
            yield f"  {label}  {what:<{column}}  {next(reasons, '')}".rstrip()
        else:
            yield f"  {label}  {what}"
        yield from (f"{'':{margin}}{line}" for line in reasons)


def _what(skip: Skip) -> str:
    """Name the file; where there is none, what would have been done to one."""
    return skip.operation.replace("-", " ") if skip.path == "." else skip.path


def _verb(edit: FileEdit) -> str:
    if edit.before is None:
        return "create"
    return "delete" if edit.after is None else "modify"


def _diff(edit: FileEdit, style: Style) -> Iterator[str]:
    if edit.secret:
        yield f"+++ {visible(edit.path)} {_HIDDEN}"
        return
    before, after = (
        [] if data is None else decoded(data).splitlines()
        for data in (edit.before, edit.after)
    )
    lines = difflib.unified_diff(
        before, after, f"a/{edit.path}", f"b/{edit.path}", lineterm=""
    )
    for number, line in enumerate(lines):
        # The first two name the file.
        colour = "bold" if number < 2 else _OF_DIFF.get(line[:1])  # noqa: PLR2004
        yield style.painted(line, colour)


def _manual(number: int, step: ManualStep, style: Style) -> Iterator[str]:
    """Say where the text goes, then the text as it is typed there."""
    why = visible(f"By hand, step {number}: {step.path} ({step.why})")
    yield style.paragraphs(why)
    place = step.place
    match place.where:
        case Where.RUN | Where.DATABASE:
            folder = "" if place.where is Where.DATABASE else f" {place.folder}"
            yield visible(f"  {place.where}{folder}:")
        case Where.END | Where.NEW:
            yield visible(f"  {place.where} {step.path}, write:")
        case _:
            yield visible(f"  {place.where} line {place.line} of {step.path}:")
            yield ""
            yield from _indented(place.anchor)
            yield ""
            yield "  write:"
    yield ""
    yield from _indented(step.snippet)


def _indented(text: str) -> Iterator[str]:
    return (f"    {visible(line)}".rstrip() for line in text.splitlines())
