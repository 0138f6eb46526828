"""What an undo will do, to be agreed to, and what it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..syntax.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..workspace import Undoing


def render_intent(plan: Undoing) -> str:
    """Return what will become of each file, before it does."""
    what = "a run that was killed" if plan.is_interrupted else "the last run"
    lines = [f"To be taken back, what {what} has changed:"]
    lines += _rows(plan, "restore", "remove", "keep")
    return "\n".join(map(visible, (*lines, *_left(plan)))) + "\n"


def render_done(plan: Undoing, *, all_named: bool) -> str:
    """Return what became of the files; each by name where it was not printed before."""
    what = "killed" if plan.is_interrupted else "last"
    lines = [*_rows(plan, "restored", "removed", "kept")] if all_named else []
    lines += _left(plan) if all_named else []
    lines.append(f"The {what} run is undone: {len(plan.paths)} files.")
    return "\n".join(map(visible, lines)) + "\n"


def _rows(plan: Undoing, *verbs: str) -> Iterator[str]:
    restore, remove, keep = (f"  {verb:<8}  " for verb in verbs)
    yield from (f"{restore}{path}" for path in plan.restored)
    yield from (f"{remove}{path}" for path in plan.removed)
    for kept in plan.kept:
        yield f"{keep}{kept.path} as {kept.at}, where the next copy finds it"


def _left(plan: Undoing) -> Iterator[str]:
    if plan.left:
        folders = " ".join(plan.left)
        yield f"Made after it, and still there; to remove them: rm -r {folders}"
