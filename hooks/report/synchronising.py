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
    from ..schema.renames import Rename


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
    if news.kept:
        yield (
            "There before, by better-auth's own names, which they keep: "
            f"{', '.join(news.kept)}."
        )
    if news.unasked:
        yield (
            f"The database was not asked ({news.unasked}): plugins' tables that are "
            "there by better-auth's own names would be made again, by this project's."
        )
    if news.renamed:
        pairs = (one.split("=") for one in news.renamed)
        names = ", ".join(f"{old} is {new}" for old, new in pairs)
        yield f"By another name, with all that it holds: {names}."
    if news.added:
        yield f"better-auth {news.version} also stores {', '.join(news.added)}."
    for one in news.maybe_renamed:
        old, new = one.split("=")
        yield (
            f"{new} may be {old} by another name. Say so, and it keeps what it holds: "
            f"copier-better-auth sync --renamed {one}; after undo, where this is "
            "applied already."
        )
    if news.gone:
        yield f"It stores no more, and stays as it is: {', '.join(news.gone)}."
    if news.changed:
        yield (
            f"Of another type or rule than before: {', '.join(news.changed)}. No "
            "migration is written for that; alembic's --autogenerate proposes one."
        )


def render_question(rename: Rename) -> str:
    """Return what is asked of a pair that looks like one thing."""
    return visible(f"{rename.new} is new: renamed from {rename.old}? [y/N] ")


def render_done(answers: Answers, first: str) -> str:
    """Return the next command: what brings the database up to date.

    ``first`` is the SQL that has to be run there before it.
    """
    match answers.migrated_by:
        case "alembic":
            command = run_alembic(answers, "upgrade head")
        case "server":
            manager = answers.auth_node_package_manager
            command = within(answers.auth_server_dir, f"{manager} run migrate")
        case "sql":
            return "Done. Apply the new SQL file to the database, then start again.\n"
    if first:
        lines = "".join(f"  {visible(line)}\n" for line in first.splitlines())
        then = f"Then migrate it:\n  {visible(command)}\n"
        return f"Done. Now in the database:\n{lines}{then}"
    return f"Done. Now migrate the database, then start again:\n  {visible(command)}\n"


def sync_as_json(plan: Plan, news: News, in_database: str, *, applied: bool) -> str:
    """Return the same for scripts; ``in_database`` is to be run there first."""
    said = {
        "in_step": applied or plan.is_empty,
        "applied": applied,
        "added": list(news.added),
        "gone": list(news.gone),
        "changed": list(news.changed),
        "renamed": list(news.renamed),
        "kept": list(news.kept),
        "unasked": news.unasked,
        "maybe_renamed": list(news.maybe_renamed),
        "in_database": in_database,
        "edits": [edit.path for edit in plan.edits],
        "manual_steps": [
            {"path": step.path, "why": step.why, "snippet": step.snippet}
            for step in plan.manual_steps
        ],
    }
    return json.dumps(said, indent=1) + "\n"
