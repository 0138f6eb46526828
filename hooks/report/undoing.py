"""What an undo will do, to be agreed to, and what it has done."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from ..syntax.visible import visible
from .frame import fitting
from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..workspace import Undoing


# Where a file's path begins, below what becomes of it.
_PATHS = 12


def render_intent(plan: Undoing, style: Style = PLAIN) -> str:
    """Return what will become of each file, before it does."""
    what = "a run that was killed" if plan.is_interrupted else "the last run"
    lines = [f"To be taken back, what {what} has changed:"]
    lines += _rows(plan, style, "restore", "remove", "keep")
    return "\n".join((*lines, *_left(plan, style))) + "\n"


def render_done(plan: Undoing, style: Style = PLAIN, *, all_named: bool) -> str:
    """Return what became of the files; each by name where it was not printed before."""
    what = "killed" if plan.is_interrupted else "last"
    lines: list[str] = []
    if all_named:
        lines += _rows(plan, style, "restored", "removed", "kept")
        lines += _left(plan, style)
    lines.append(f"The {what} run is undone: {len(plan.paths)} files.")
    return "\n".join(lines) + "\n"


def _rows(plan: Undoing, style: Style, *verbs: str) -> Iterator[str]:
    restore, remove, keep = verbs
    rows = [(restore, path) for path in plan.restored]
    rows += [(remove, path) for path in plan.removed]
    for kept in plan.kept:
        rows.append((keep, f"{kept.path} as {kept.at}, where the next copy finds it"))
    for verb, what in rows:
        first, *rest = style.hanging(_PATHS + 1, what)
        yield f"  {verb:<8}  {first}"
        yield from (f"{'':{_PATHS}}{line}" for line in rest)


def _left(plan: Undoing, style: Style) -> Iterator[str]:
    """Yield how to remove what was made since, as a command that can be typed."""
    if plan.left:
        yield "Made after it, and still there; to remove them:"
        command = visible(f"  rm -r {shlex.join(plan.left)}")
        yield from fitting(command, style.width - 1) if style.width else (command,)
