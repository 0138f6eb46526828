"""One run after rendering, on one screen: plan, show, apply, check, record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import workspace
from .answers import load_answers
from .diagnostics import run_checks
from .discovery import discover
from .edits import plan_edits
from .model import Integration, Outcome
from .records import write_records
from .rendered import rendered_files

if TYPE_CHECKING:
    from pathlib import Path


def load_integration(root: Path, answers_file: str) -> Integration:
    """Read what the project at ``root`` chose, and what is there now."""
    answers = load_answers(root / answers_file)
    facts = discover(root, backend_dir=answers.auth_backend_dir, app=answers.auth_app)
    return Integration(root=root, answers=answers, facts=facts)


def integrate(root: Path, answers_file: str, operation: str) -> Outcome:
    """Connect the rendered files with the user's code.

    ``operation`` is ``copy`` or ``update``. Raises ``BetterAuthError`` when applying
    fails, with every existing file as it was; findings of the checks never raise.
    """
    integration = load_integration(root, answers_file)
    plan = plan_edits(integration)
    applied = integration.answers.auth_apply_edits == "apply"
    if applied:
        workspace.apply(integration, plan, rendered=rendered_files(integration))
    outcome = Outcome(
        answers=integration.answers,
        operation=operation,
        plan=plan,
        applied=applied,
        results=tuple(run_checks(integration)),
    )
    write_records(integration, outcome)
    return outcome
