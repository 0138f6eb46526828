"""What a sync will do, to be agreed to, and what is to be typed after it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..rendering.commands import run_alembic, within
from ..syntax.visible import visible
from .plan import render_plan
from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers import Answers
    from ..model import Plan


def render_intent(
    plan: Plan,
    *,
    added: tuple[str, ...],
    gone: tuple[str, ...],
    version: str,
    style: Style = PLAIN,
) -> str:
    """Return what is new, what is stored no more, and the plan that follows."""
    lines = [*style_lines(added, gone, version)]
    if not plan.edits and not plan.manual_steps:
        lines.append("Everything is in step: nothing to do.")
        return "\n".join(map(visible, lines)) + "\n"
    text = "\n".join(map(visible, lines))
    text += "\n" + render_plan(plan, applied=False, style=style)
    if plan.manual_steps:
        text += "\nNothing was changed: do the steps by hand, then run sync again.\n"
    return text


def style_lines(
    added: tuple[str, ...], gone: tuple[str, ...], version: str
) -> Iterator[str]:
    """Yield a line of what is new, and one of what is stored no more."""
    if added:
        yield f"better-auth {version} also stores {', '.join(added)}."
    if gone:
        yield f"It stores no more, and stays as it is: {', '.join(gone)}."


def render_done(answers: Answers) -> str:
    """Return the next command: what brings the database up to date."""
    match answers.migrated_by:
        case "alembic":
            command = run_alembic(answers, "upgrade head")
        case "server":
            manager = answers.auth_node_package_manager
            command = within(answers.auth_server_dir, f"{manager} run migrate")
        case "sql":
            return "Done. Apply the new SQL file to the database, then start again.\n"
    return f"Done. Now migrate the database, then start again:\n  {visible(command)}\n"


def sync_as_json(
    plan: Plan, *, added: tuple[str, ...], gone: tuple[str, ...], applied: bool
) -> str:
    """Return the same for scripts."""
    said = {
        "in_step": applied or (not plan.edits and not plan.manual_steps),
        "applied": applied,
        "added": list(added),
        "gone": list(gone),
        "edits": [edit.path for edit in plan.edits],
        "manual_steps": [
            {"path": step.path, "why": step.why, "snippet": step.snippet}
            for step in plan.manual_steps
        ],
    }
    return json.dumps(said, indent=1) + "\n"
