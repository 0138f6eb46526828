"""A plan for people: what is created, changed, skipped, and left to do by hand."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import FileEdit, ManualStep, Plan

_HIDDEN = "(not shown: it holds a secret)"


def render_plan(plan: Plan, *, applied: bool) -> str:
    """Return a row for each file and each thing left alone, diffs, manual steps.

    The diff of a file that existed is always shown, that of a new one unless it was
    ``applied``: then it can be read on the disk.
    """
    return "\n".join(_lines(plan, applied=applied)) + "\n"


def _lines(plan: Plan, *, applied: bool) -> Iterator[str]:
    if plan.edits:
        yield "Applied:" if applied else "Planned, and not applied (preview):"
    else:
        yield "Nothing to change: everything is in place."
    yield from _table(plan)
    for edit in plan.edits:
        if edit.before is not None or not applied:
            yield ""
            yield from _diff(edit)
    for number, step in enumerate(plan.manual_steps, start=1):
        yield ""
        yield from _manual(number, step)


def _table(plan: Plan) -> Iterator[str]:
    rows = [(_verb(edit), edit.path, "; ".join(edit.why)) for edit in plan.edits]
    rows += [("by hand", step.path, step.why) for step in plan.manual_steps]
    rows += [("skip", skip.path, skip.why) for skip in plan.skips]
    width = max((len(path) for _, path, _ in rows), default=0)
    for verb, path, why in rows:
        yield f"  {verb:<7}  {path:<{width}}  {why}"


def _verb(edit: FileEdit) -> str:
    if edit.before is None:
        return "create"
    return "delete" if edit.after is None else "modify"


def _diff(edit: FileEdit) -> Iterator[str]:
    if edit.secret:
        yield f"+++ {edit.path} {_HIDDEN}"
        return
    before, after = (
        [] if data is None else data.decode("utf-8", "replace").splitlines()
        for data in (edit.before, edit.after)
    )
    yield from difflib.unified_diff(
        before, after, f"a/{edit.path}", f"b/{edit.path}", lineterm=""
    )


def _manual(number: int, step: ManualStep) -> Iterator[str]:
    yield f"By hand, step {number}: {step.path} ({step.why})"
    yield ""
    yield from (f"    {line}".rstrip() for line in step.snippet.splitlines())
