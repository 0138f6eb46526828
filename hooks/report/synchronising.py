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
    from ..schema.described import News


_STEPS_FIRST = "Nothing was changed: do the steps by hand, then run sync again."


def render_intent(plan: Plan, news: News, style: Style = PLAIN) -> str:
    """Return what is new, what is stored no more, and the plan that follows."""
    lines = [*_told(news)]
    if plan.is_empty:
        lines.append("Everything is in step: nothing to do.")
    text = style.paragraphs("\n".join(map(visible, lines)))
    if plan.is_empty:
        return f"{text}\n"
    text += "\n" + render_plan(plan, applied=False, style=style)
    if plan.manual_steps:
        text += f"\n{style.paragraphs(_STEPS_FIRST)}\n"
    return text


def _told(news: News) -> Iterator[str]:
    """Yield a line of what is new, of what is stored no more, and of what differs."""
    if news.added:
        yield f"better-auth {news.version} also stores {', '.join(news.added)}."
    if news.gone:
        yield f"It stores no more, and stays as it is: {', '.join(news.gone)}."
    if news.changed:
        yield (
            f"Of another type or rule than before: {', '.join(news.changed)}. No "
            "migration is written for that; alembic's --autogenerate proposes one."
        )


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


def sync_as_json(plan: Plan, news: News, *, applied: bool) -> str:
    """Return the same for scripts."""
    said = {
        "in_step": applied or plan.is_empty,
        "applied": applied,
        "added": list(news.added),
        "gone": list(news.gone),
        "changed": list(news.changed),
        "edits": [edit.path for edit in plan.edits],
        "manual_steps": [
            {"path": step.path, "why": step.why, "snippet": step.snippet}
            for step in plan.manual_steps
        ],
    }
    return json.dumps(said, indent=1) + "\n"
