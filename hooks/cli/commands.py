"""Each command: reads what it is given, calls one package, prints, ends with a code.

Each imports its own, so that none waits for what another one needs.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from .. import ANSWERS_FILE
from ..errors import EnvironmentProblem, UsageError
from ..report.style import style_of
from ..syntax.visible import visible
from .exit_codes import AMBIGUOUS, FAILED, OK

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ..model import CheckResult
    from ..verification import Step


def discover(given: argparse.Namespace) -> int:
    """Print what is found in a repository."""
    from ..discovery import discover  # noqa: PLC0415 - each command imports its own
    from ..report.discovery import as_json, render_report  # noqa: PLC0415

    facts = discover(_folder(given.path))
    style = style_of(sys.stdout)
    print(as_json(facts) if given.json else render_report(facts, style), end="")
    if facts.ambiguous:
        return AMBIGUOUS
    return OK if facts.app_module.value else FAILED


def doctor(given: argparse.Namespace) -> int:
    """Run the diagnostics, and repair or show repairs."""
    from ..copier_api.rollback import begin_run  # noqa: PLC0415
    from ..diagnostics import CHECKS, after_fixes, plan_fixes, run_checks  # noqa: PLC0415
    from ..diagnostics.ignored import ignored_diagnostics  # noqa: PLC0415
    from ..pipeline import load_integration  # noqa: PLC0415
    from ..report.plan import render_plan  # noqa: PLC0415
    from ..report.result_formats import render_as  # noqa: PLC0415
    from ..report.results import (  # noqa: PLC0415
        Progress,
        failed,
        nothing_planned,
        problems,
        render_results,
    )
    from ..repository import git  # noqa: PLC0415
    from ..workspace import Workspace  # noqa: PLC0415

    for_people = given.format in {None, "text"}
    if given.check not in {None, *(check.code for check in CHECKS)}:
        codes = ", ".join(check.code for check in CHECKS)
        message = f"--check {given.check}: there is no such diagnostic; one of {codes}"
        raise UsageError(message)
    if given.diff and not for_people:
        message = f"--diff is for people, {given.format} is not; give one of them"
        raise UsageError(message)
    root, style = _folder(given.path), style_of(sys.stdout)
    if given.fix:
        begin_run(root, may_write=True)
    integration = load_integration(root, ANSWERS_FILE)
    ignored = ignored_diagnostics(integration, given.ignore)
    titles: dict[str, tuple[str, ...]] = {}
    if given.fix or given.diff:
        plan, titles = plan_fixes(
            integration, only=given.check, ignored=ignored, probe=True
        )
        if given.fix and plan.edits:
            Workspace(root).apply(plan)
            integration = load_integration(root, ANSWERS_FILE)
        if plan.edits and for_people:
            print(render_plan(plan, applied=given.fix, style=style))
    progress = Progress(sys.stderr)
    found = run_checks(
        integration,
        only=given.check,
        ignored=ignored,
        probe=True,
        started=progress.started,
    )
    results = after_fixes(tuple(found), titles if given.fix else {})
    progress.end()
    shown = problems(results) if given.only_problems else results
    if for_people:
        print(render_results(shown, style), end="")
        if given.diff and not titles:
            print(nothing_planned(results))
    else:
        folder = git.line(root, "rev-parse", "--show-prefix").strip("/") or "."
        print(render_as(given.format, shown, folder), end="")
    if given.format == "github":
        _add_to_summary(render_results(results))
    return FAILED if failed(results) else OK


def _add_to_summary(text: str) -> None:
    """Add results to the page that GitHub shows of a job, where it has named one."""
    if named := os.environ.get("GITHUB_STEP_SUMMARY"):
        lines = "".join(f"    {line}\n" for line in text.splitlines())
        with Path(named).open("a", encoding="utf-8") as page:
            page.write(f"### copier-better-auth doctor\n\n{lines}\n")


def sync(given: argparse.Namespace) -> int:
    """Follow what better-auth's configuration stores."""
    from ..copier_api.rollback import begin_run  # noqa: PLC0415
    from ..pipeline import load_integration  # noqa: PLC0415
    from ..report.synchronising import (  # noqa: PLC0415
        render_done,
        render_intent,
        render_question,
        sync_as_json,
    )
    from ..schema.renames import parse_rename  # noqa: PLC0415
    from ..sync import plan_sync  # noqa: PLC0415
    from ..workspace import Workspace  # noqa: PLC0415

    root, style = _folder(given.path), style_of(sys.stdout)
    renamed = [parse_rename(one) for one in given.renamed]
    begin_run(root, may_write=True)
    integration = load_integration(root, ANSWERS_FILE)
    asks = not given.yes and not given.json and _is_answered()
    planned = plan_sync(
        integration,
        drop=given.drop,
        renamed=renamed,
        ask=(lambda one: _agreed(render_question(one))) if asks else None,
    )
    plan, news = planned.plan, planned.news
    if not given.json:
        print(render_intent(plan, news, style), end="")
    # Whole or not at all: nothing is applied while a step is left to a person.
    applies = bool(plan.edits) and not plan.manual_steps
    if applies and not given.yes:
        applies = not given.json and _agreed("Apply this? [y/N] ")
        if not applies and not given.json:
            print("Nothing was changed.", file=sys.stderr)
    if applies:
        Workspace(root).apply(plan)
    if given.json:
        said = sync_as_json(plan, news, planned.in_database, applied=applies)
        print(said, end="")
    elif applies:
        print(render_done(integration.answers, planned.in_database), end="")
    return OK if applies or plan.is_empty else FAILED


def explain(given: argparse.Namespace) -> int:
    """Say what an error means."""
    from ..explain.excerpt import excerpt  # noqa: PLC0415
    from ..explain.match import matches  # noqa: PLC0415
    from ..report.explanation import render_bundle, render_match  # noqa: PLC0415

    text = " ".join(given.text)
    if not given.text or text == "-":
        stdin = cast("TextIO | None", sys.stdin)  # none where it was closed
        is_silent = stdin is None or (stdin.isatty() and not text)
        data = b"" if stdin is None or is_silent else stdin.buffer.read()
        text = data.decode(errors="replace")
    if not "".join(text.split()).strip("\0\ufeff\u200b"):
        message = "explain needs an error's text, or a log: explain - < server.log"
        raise UsageError(message)
    text = excerpt(text)
    root, style = _folder(given.path), style_of(sys.stdout)
    found = matches(text)
    if not found:
        print(render_bundle(text, root, style), end="")
        return FAILED
    for match in found:
        results = _results_for(root, match.known.codes)
        print(render_match(match, results, style), end="")
    return OK


def _results_for(root: Path, codes: Sequence[str]) -> tuple[CheckResult, ...]:
    """Run the diagnostics of an error; none where there is no project."""
    from ..diagnostics import run_checks  # noqa: PLC0415
    from ..pipeline import load_integration  # noqa: PLC0415

    if not (root / ANSWERS_FILE).is_file():
        return ()
    integration = load_integration(root, ANSWERS_FILE)
    return tuple(r for c in codes for r in run_checks(integration, only=c, probe=True))


def verify(given: argparse.Namespace) -> int:
    """Sign a test user up, call FastAPI as them, sign out."""
    from ..answers import load_answers  # noqa: PLC0415
    from ..report.verification import render_step, verification_as_json  # noqa: PLC0415
    from ..verification import verified  # noqa: PLC0415

    root = _folder(given.path)
    answers = load_answers(root / ANSWERS_FILE)
    if bool(given.auth_url) != bool(given.api_url):
        message = "--auth-url and --api-url belong together; give both, or neither"
        raise UsageError(message)
    if not given.auth_url and not given.json:
        print("Starting the database, the auth server and FastAPI ...", flush=True)
    steps: list[Step] = []
    notes: list[str] = []
    urls = (given.auth_url, given.api_url) if given.auth_url else None
    style = style_of(sys.stdout)
    for step in verified(root, answers, urls, notes):
        steps.append(step)
        if not given.json:
            print(render_step(step, style), flush=True)
    failed = next((step for step in steps if not step.ok), None)
    if given.json:
        print(verification_as_json(steps, notes), end="")
        return FAILED if failed else OK
    for note in notes:
        print(style.paragraphs(visible(note)))
    if failed:
        why = visible(f"{failed.name}: {failed.detail}")
        print(style_of(sys.stderr).paragraphs(why), file=sys.stderr)
        return FAILED
    print("All of that held.")
    return OK


def undo(given: argparse.Namespace) -> int:
    """Take the last run back."""
    from ..copier_api.rollback import plan_undo, undo  # noqa: PLC0415
    from ..report.undoing import render_done, render_intent  # noqa: PLC0415
    from ..workspace.run_lock import hold_run_lock  # noqa: PLC0415

    root, style = _folder(given.path), style_of(sys.stdout)
    hold_run_lock(root)
    plan = plan_undo(root)
    if not given.yes:
        if not _is_answered():
            message = "undo asks first, and there is no terminal; to go on: undo --yes"
            raise EnvironmentProblem(message)
        print(render_intent(plan, style), end="")
        if not _agreed("Take this back? [y/N] "):
            print("Nothing was changed.", file=sys.stderr)
            return FAILED
    undo(root)
    print(render_done(plan, style, all_named=given.yes), end="")
    return OK


def _is_answered() -> bool:
    """Return True where a question is seen, and can be answered."""
    stdin = cast("TextIO | None", sys.stdin)  # none where it was closed
    return stdin is not None and stdin.isatty()


def _agreed(question: str) -> bool:
    if cast("TextIO | None", sys.stdin) is None:  # closed
        return False
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        print()
        return False


def integrate(given: argparse.Namespace) -> int:
    """Connect what Copier has rendered; its tasks start this."""
    from ..model import Versions  # noqa: PLC0415
    from ..pipeline import integrate  # noqa: PLC0415
    from ..report.outcome import render_details, render_outcome  # noqa: PLC0415
    from ..workspace.undo_store import UndoStore  # noqa: PLC0415

    root = Path.cwd()
    versions = (
        Versions(before=given.update[0], after=given.update[1])
        if given.update
        else None
    )
    existed = json.loads(given.existed)
    outcome = integrate(root, given.answers_file, existed, versions, given.watched_by)
    details = UndoStore(root).keep_report(render_details(outcome, root))
    print(render_outcome(outcome, root, style_of(sys.stdout), details), end="")
    return FAILED if outcome.conflicts else OK


def _folder(path: str) -> Path:
    folder = Path(path)
    if not path or not folder.is_dir():  # an empty one is a variable that is not set
        message = f"{path or 'an empty name'}: there is no such folder"
        raise UsageError(message)
    return folder.resolve()
