"""What a person reads when a run has ended: results, and what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Status
from ..rendering.commands import copier_command
from ..rendering.decisions import decisions
from ..syntax.visible import visible
from .conflicts import listed_lines, to_choose
from .frame import framed
from .last_message import alembic_upgrade, last_message, left_to_do
from .plan import render_plan
from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ..answers import Answers
    from ..model import CheckResult, Outcome, Versions

# The last message is one screen: what else there is to say is in the file it names.
_SCREEN = 24
_SHORTER = ((3, True), (3, False), (2, False), (1, False))
# Where a result's text begins, below its label.
_RESULT = 8
_NO_EDIT = "Your own code needs no further edit."


def render_outcome(
    outcome: Outcome, root: Path, style: Style = PLAIN, details: str = ""
) -> str:
    """Return what a run did and what is left; at a terminal its last part is framed.

    ``details`` is the file that holds ``render_details``, empty where there is none.
    """
    text = "\n".join(_lines(outcome, style)) + "\n"
    message = last_message(outcome, root, details)
    if not style.width:
        return text + "\n".join(map(visible, message.lines())) + "\n"
    last = ""
    for steps, decides in _SHORTER if details else ((None, True),):
        shown = message.lines(steps, decides=decides)
        last = framed(tuple(map(visible, shown)), style.width)
        if _screen_lines(last, style.width) <= _SCREEN:
            break
    return text + last


def _screen_lines(text: str, width: int) -> int:
    return sum(-(-len(line) // width) for line in text.splitlines())


def render_details(outcome: Outcome, root: Path) -> str:
    """Return all of a run's report: every file, every step, reasons, the way on."""
    steps = tuple(left_to_do(outcome, root))
    lines = (
        *_lines(outcome, PLAIN),
        *_decisions(outcome.answers, root),
        *(["Left to do by hand:"] if steps else []),
        *(f"  {number}. {step}" for number, step in enumerate(steps, 1)),
        *_deployment(outcome.answers),
        "This run again:",
        f"  {copier_command('copy', outcome.source, outcome.answers)}",
    )
    return "\n".join(map(visible, "\n".join(lines).splitlines())) + "\n"


def _lines(outcome: Outcome, style: Style) -> Iterator[str]:
    yield ""
    if outcome.versions is not None:
        yield from _fitting(_update(outcome.versions, outcome), style)
    nothing = "" if outcome.versions is None else _NO_EDIT
    yield render_plan(
        outcome.plan, applied=outcome.applied, style=style, nothing=nothing
    )
    problems = [r for r in outcome.results if r.status is not Status.PASS]
    passed = len(outcome.results) - len(problems)
    yield f"Diagnostics: {passed} passed" + (":" if problems else ".")
    for result in problems:
        yield from _fitting(_result(result), style, below=_RESULT)
    yield from _fitting(_principles(outcome), style)
    yield ""


def _fitting(lines: Iterable[str], style: Style, below: int = 0) -> Iterator[str]:
    """Yield lines, made visible, that go on below a column where they are long."""
    return (style.paragraphs(visible(line), below) for line in lines)


def _principles(outcome: Outcome) -> Iterator[str]:
    """Say how many hold for the plan and for the result, and name those that do not."""
    plan, result = (
        f"{sum(p.held for p in of)} of {len(of)}"
        for of in (outcome.planned_principles, outcome.principles)
    )
    yield f"Constitution: {plan} principles hold for the plan, {result} for the result."
    for when, of in (
        ("plan", outcome.planned_principles),
        ("result", outcome.principles),
    ):
        for principle in of:
            if not principle.held:
                yield f"  NO    {principle.name} ({when}): {principle.seen}"


def _update(versions: Versions, outcome: Outcome) -> Iterator[str]:
    """Say what the merge has left: conflicts first, then each file to look at."""
    if versions.before == versions.after:
        yield f"The template is at {versions.after}, as before."
    else:
        yield f"The template went from {versions.before} to {versions.after}."
    for conflict in outcome.conflicts:
        yield f"  CONFLICT {to_choose(conflict)}"
    if outcome.changed:
        yield "Changed, to be looked at (git diff) and committed:"
        yield from (f"  {line}" for line in outcome.changed)
    else:
        yield "No file changed."
    if outcome.own_lines:
        yield "Lines of yours in these files, where they are now:"
    for own in outcome.own_lines:
        places = [f"{listed_lines(own.merged)} merged in"] if own.merged else []
        if own.in_conflict:
            places.append(f"{listed_lines(own.in_conflict)} in a conflict")
        yield f"  {own.path}: {', '.join(places)}"
    yield ""


def _result(result: CheckResult) -> Iterator[str]:
    label = result.status.value.upper()
    yield f"  {label:<5} {result.code} {result.name}: {result.message}"
    if result.remedy:
        yield f"{'':{_RESULT}}{result.remedy}"


def _decisions(answers: Answers, root: Path) -> Iterator[str]:
    """Suggest; writing needs consent."""
    open_ = [d for d in decisions(answers) if d.slug not in answers.auth_adrs]
    if not open_:
        return
    yield "Decisions worth a record (nothing was written):"
    for decision in open_:
        command = "/sp.adr " if (root / ".specify").is_dir() else ""
        yield f"  {command}{decision.slug}: {decision.title}"
        for label, reasons in (
            ("for", decision.positive),
            ("against", decision.negative),
        ):
            yield f"    {label}: {_with_a_figure(reasons)}"
    slugs = ", ".join(decision.slug for decision in open_)
    yield f"  written from here with: -d auth_adrs='[{slugs}]'"
    yield ""


def _with_a_figure(reasons: Sequence[str]) -> str:
    """Return the reason that can be measured, else the first."""
    return next((r for r in reasons if any(c.isdigit() for c in r)), reasons[0])


def _deployment(answers: Answers) -> Iterator[str]:
    """Yield the way to production of the chosen target, in its order."""
    target, server = answers.auth_deployment, answers.auth_server_dir
    deploy = answers.deployment.deploy
    if not deploy or (target == "docker" and answers.auth_compose_file):
        return
    yield f"Deploy, when it runs here ({server}/SETUP.md#{target} has each step):"
    deploy = f"  {deploy.format(server=server)}"
    if target == "docker":
        own = answers.auth_database_provider in {"embedded", "docker", "local"}
        among = ", POSTGRES_PASSWORD among them" * own
        yield f"  {server}/.env: the values of production{among}"
        if not answers.auth_new_project and (alembic := alembic_upgrade(answers)):
            if own:
                yield f"  (cd {server} && docker compose up --detach --wait postgres)"
            where = "at 127.0.0.1:15433" if own else "of production"
            yield f"  {alembic}    # with the database {where}"
        yield deploy
        yield "  curl http://localhost:3001/readyz    # ok"
        return
    yield deploy
    yield f"  its variables: those of {server}/.env.example, with https addresses"
    yield "  curl https://YOUR-AUTH-HOST/readyz    # ok"
