"""What ``verify`` saw, for people and for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..verification import Step

_WIDTH = 27
# Where what was seen would get fewer columns, it is below the name.
_ROOM = 30


def render_step(step: Step, style: Style = PLAIN) -> str:
    """Return a step's line: seconds, name, and what was seen, below itself if long."""
    name = step.name if step.ok else f"{step.name}: NO"
    seconds = f"  {step.seconds:6.2f} s  "
    first = f"{seconds}{name:<{_WIDTH}} "
    margin = len(first)
    if style.width and style.width - margin < _ROOM:
        first = f"{seconds}{name}\n"
        margin = len(seconds)
        first += " " * margin
    seen = f"\n{'':{margin}}".join(style.hanging(margin + 1, step.detail))
    return f"{first}{seen}"


def verification_as_json(steps: Sequence[Step], notes: Sequence[str]) -> str:
    """Return all steps; ``notes`` are what could not be verified or cleared away."""
    shown = [
        {
            "name": step.name,
            "ok": step.ok,
            "milliseconds": round(step.seconds * 1000),
            "detail": step.detail,
        }
        for step in steps
    ]
    held = all(step.ok for step in steps)
    document = {"ok": held, "steps": shown, "notes": list(notes)}
    return json.dumps(document, indent=2) + "\n"
