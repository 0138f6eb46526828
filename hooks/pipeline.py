"""One run after rendering, on one screen: plan, apply, check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .answers import load_answers
from .diagnostics import run_checks
from .discovery import discover
from .edits import plan_edits
from .model import Integration, Outcome
from .rendered import owned_files
from .workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def load_integration(root: Path, answers_file: str) -> Integration:
    """Read what the project at ``root`` chose, and what is there now."""
    answers = load_answers(root / answers_file)
    facts = discover(root, backend_dir=answers.auth_backend_dir, app=answers.auth_app)
    return Integration(root=root, answers=answers, facts=facts)


def integrate(
    root: Path, answers_file: str, operation: str, existed: Iterable[str]
) -> Outcome:
    """Connect the rendered files with the user's code.

    ``operation`` is ``copy`` or ``update``; ``existed`` are the files that were there
    before rendering in the places that the template owns. Raises ``BetterAuthError``
    when applying fails, with every existing file as it was; what the diagnostics find
    never raises.
    """
    integration = load_integration(root, answers_file)
    answers = integration.answers
    plan = plan_edits(integration)
    applied = answers.auth_apply_edits == "apply"
    created = tuple(set(owned_files(root, answers, answers_file)) - set(existed))
    if applied:
        rendered = created if operation == "copy" else ()
        Workspace(root, answers.auth_server_dir).apply(plan, rendered)
    return Outcome(
        answers=answers,
        operation=operation,
        plan=plan,
        applied=applied,
        results=tuple(run_checks(integration)),
        rendered=created,
    )
