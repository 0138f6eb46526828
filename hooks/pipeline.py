"""One run after rendering, on one screen: plan, judge, apply, check, record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from . import ANSWERS_FILE
from .answers import (
    load_answers,
    parse_answers,
    parse_answers_file,
    read_answers_file,
)
from .diagnostics import after_fixes, plan_fixes, run_checks
from .diagnostics.ignored import ignored_diagnostics
from .discovery import discover
from .edits import plan_edits
from .errors import AnswerError, ApplyError, UpdateError
from .model import Integration, Outcome, Plan
from .records import (
    check_constitution,
    check_plan,
    decision_files,
    last_result,
    prompt_records,
    require_held,
)
from .rendering.owned_files import owned_files
from .repository import Repository, git
from .updates import (
    OwnWork,
    Renderings,
    conflicts_in,
    edits_of_update,
    files_before_update,
    forget_conflicts,
    mark_merged,
    moves,
)
from .workspace import Workspace
from .workspace.watchdog import cancel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .model import CheckResult, FileEdit, OwnLines, Versions


def load_integration(root: Path, answers_file: str) -> Integration:
    """Read what the project at ``root`` chose, and what is there now."""
    answers = load_answers(root / answers_file)
    facts = discover(root, backend_dir=answers.auth_backend_dir, app=answers.auth_app)
    return Integration(root=root, answers=answers, facts=facts)


def integrate(
    root: Path,
    answers_file: str,
    existed: Iterable[str] = (),
    versions: Versions | None = None,
    watchdog: int = 0,
) -> Outcome:
    """Connect the rendered files with the user's code.

    ``existed`` are the files that were there before rendering in the places that the
    template owns; ``versions`` are those of an update, ``None`` for a copy. Raises
    ``BetterAuthError`` when a plan breaks a principle or applying fails, with every
    existing file as it was; what the diagnostics find never raises. Until then,
    ``watchdog`` would take the whole run back; it waits for the lock. Where it had the
    lock first, because Copier was killed, nothing is done.
    """
    workspace = Workspace(root)
    with workspace.locked():
        if watchdog and workspace.state.run is None:
            message = (
                "Copier was stopped, and its run is taken back: nothing was edited"
            )
            raise ApplyError(message)
        integration = load_integration(root, answers_file)
        created = set(owned_files(root, integration.answers, answers_file))
        created -= set(existed)
        outcome = _integrated(
            integration, workspace, answers_file, tuple(created), versions
        )
        is_told = bool(created) if versions is None else _is_told(outcome, root)
        if is_told or outcome.plan.edits:
            history = _history(integration, outcome)
            # A preview changes nothing that is there.
            new = tuple(file for file in history if file.before is None)
            workspace.add(history if outcome.applied else new)
        if watchdog:
            workspace.finish()
            cancel(watchdog)
    return outcome


def _integrated(
    integration: Integration,
    workspace: Workspace,
    answers_file: str,
    created: tuple[str, ...],
    versions: Versions | None,
) -> Outcome:
    """Plan, judge, apply and check."""
    root, answers = integration.root, integration.answers
    renderings = Renderings(root, answers_file)
    merged = files_before_update(root) if versions else {}
    own_work = OwnWork(root, renderings, merged, moves(renderings, answers))
    first = edits_of_update(own_work, renderings, answers, versions) if versions else ()
    plan = plan_edits(integration, first)
    edits = plan.edits
    fixes: dict[str, tuple[str, ...]] = {}
    if versions is None:
        # After an update the user's own edits are in: there, only doctor --fix repairs.
        ignored = ignored_diagnostics(integration)
        fixed, fixes = plan_fixes(integration, ignored=ignored, after=plan.edits)
        steps = tuple(s for s in plan.manual_steps if s.fixed_by not in fixes)
        plan = replace(plan, edits=fixed.edits, manual_steps=steps)
    planned_principles = check_plan(integration, edits, plan)
    applied = answers.auth_apply_edits == "apply"
    if applied:
        require_held(planned_principles)
    rendered = merged if versions else dict.fromkeys(created)
    workspace.apply(plan if applied else Plan(), rendered)
    if applied and versions:
        mark_merged(root, plan)
    changed = _changed(root) if versions else ()
    return Outcome(
        answers=answers,
        source=str(read_answers_file(root / answers_file).get("_src_path", "")),
        versions=versions,
        changed=changed,
        own_lines=_own_lines(root, own_work, workspace, merged),
        conflicts=conflicts_in(root, [line[3:] for line in changed]),
        plan=plan,
        applied=applied,
        results=_checked(integration, fixes) if applied else _unchanged(integration),
        planned_principles=planned_principles,
        principles=check_constitution(integration, plan, created),
        rendered=created,
    )


def _is_told(outcome: Outcome, root: Path) -> bool:
    """Return True if an update changed more than the template's version."""
    paths = {line[3:] for line in outcome.changed}
    if paths != {ANSWERS_FILE}:
        return bool(paths)
    before = git.committed(root, ANSWERS_FILE)
    try:
        known = parse_answers_file((before or b"").decode(), ANSWERS_FILE)
    except (UnicodeDecodeError, AnswerError):
        return True
    return parse_answers(known) != outcome.answers


def _own_lines(
    root: Path,
    own_work: OwnWork,
    workspace: Workspace,
    merged: Mapping[str, bytes | None],
) -> tuple[OwnLines, ...]:
    """Return where the user's lines are; an update that loses one is taken back."""
    try:
        return own_work.report()
    except UpdateError:
        workspace.undo()
        forget_conflicts(root, merged)
        raise


def _checked(
    integration: Integration, fixes: dict[str, tuple[str, ...]]
) -> tuple[CheckResult, ...]:
    """Run the diagnostics on what is there now; the facts are read again."""
    answers = integration.answers
    facts = discover(
        integration.root, backend_dir=answers.auth_backend_dir, app=answers.auth_app
    )
    now = replace(integration, facts=facts)
    results = run_checks(now, ignored=ignored_diagnostics(now))
    return after_fixes(tuple(results), fixes)


def _unchanged(integration: Integration) -> tuple[CheckResult, ...]:
    """Run the diagnostics where nothing was applied: the facts are what they were."""
    return tuple(run_checks(integration, ignored=ignored_diagnostics(integration)))


def _history(integration: Integration, outcome: Outcome) -> tuple[FileEdit, ...]:
    """Return what the run leaves to read; the project is read again, as it is now."""
    repository = Repository(integration.root)
    today = datetime.now(UTC).date()
    decisions = decision_files(integration.answers, repository, today=today)
    page = last_result(outcome, repository)
    if not integration.answers.auth_records:
        return (page, *decisions)
    user = git.line(integration.root, "config", "user.name")
    records = prompt_records(integration, outcome, repository, today=today, user=user)
    return (page, *records, *decisions)


def _changed(root: Path) -> tuple[str, ...]:
    """Return what there is to commit, as git's short status writes it."""
    return tuple(f"{letters} {path}" for letters, path in git.changes(root))
