"""What a person reads when a run has ended: results, and what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Status
from ..records import suggested_decisions
from .plan import render_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..answers import Answers
    from ..model import CheckResult, Outcome, Versions

# How git's short status marks a file that is in conflict.
_UNMERGED = frozenset({"UU", "AA", "DU", "UD", "AU", "UA", "DD"})
_INSTALL_PYTHON = {
    "uv": "uv sync",
    "poetry": "poetry lock && poetry install",
    "pdm": "pdm install",
    "pipenv": "pipenv install",
    "hatch": "hatch env create",
    "pip": "pip install -r requirements.txt",
}
_INSTALL_NODE = {
    "npm": "npm ci",
    "pnpm": "pnpm install",
    "yarn": "yarn install",
    "bun": "bun install",
}


def render_outcome(outcome: Outcome, root: Path) -> str:
    """Return the whole report of a run."""
    return "\n".join(_lines(outcome, root)) + "\n"


def _lines(outcome: Outcome, root: Path) -> Iterator[str]:
    yield ""
    if outcome.versions is not None:
        yield from _update(outcome.versions, outcome.changed)
    yield render_plan(outcome.plan, applied=outcome.applied)
    problems = [r for r in outcome.results if r.status is not Status.PASS]
    passed = len(outcome.results) - len(problems)
    yield f"Diagnostics: {passed} passed" + (":" if problems else ".")
    for result in problems:
        yield from _result(result)
    yield ""
    if outcome.versions is None:
        yield from _decisions(outcome.answers)
    yield from _next_steps(outcome.answers, root)


def _update(versions: Versions, changed: Sequence[str]) -> Iterator[str]:
    """Say what the merge has left: conflicts first, then each file to look at."""
    if versions.before == versions.after:
        yield f"The template is at {versions.after}, as before."
    else:
        yield f"The template went from {versions.before} to {versions.after}."
    conflicts = [line[3:] for line in changed if line[:2] in _UNMERGED]
    for path in conflicts:
        yield f"  CONFLICT {path}: choose between the marked lines, then git add {path}"
    if not changed:
        yield "No file changed."
    elif not conflicts:
        yield "Changed, to be looked at (git diff) and committed:"
        yield from (f"  {line}" for line in changed)
    yield ""


def _result(result: CheckResult) -> Iterator[str]:
    label = result.status.value.upper()
    yield f"  {label:<5} {result.code} {result.name}: {result.message}"
    if result.remedy:
        yield f"        {result.remedy}"


def _decisions(answers: Answers) -> Iterator[str]:
    """Suggest; writing needs consent."""
    open_ = [d for d in suggested_decisions(answers) if d.slug not in answers.auth_adrs]
    if not open_:
        return
    yield "Decisions worth a record (nothing was written):"
    for decision in open_:
        yield f"  /sp.adr {decision.slug}"
        yield f"    for: {decision.positive[0]}"
        yield f"    against: {decision.negative[0]}"
    slugs = ", ".join(decision.slug for decision in open_)
    yield f"  or, from here: copier copy ... -d auth_adrs='[{slugs}]'"
    yield ""


def _next_steps(answers: Answers, root: Path) -> Iterator[str]:
    server, backend = answers.auth_server_dir, answers.auth_backend_dir
    yield "Next:"
    install = _INSTALL_PYTHON[answers.auth_package_manager]
    yield f"  {install}" if backend == "." else f"  (cd {backend} && {install})"
    yield f"  cd {server} && {_INSTALL_NODE[answers.auth_node_package_manager]}"
    yield f"  {answers.auth_node_package_manager} run dev:all"
    yield f"  curl http://localhost:8000{answers.auth_api_prefix}/auth/me    # 401"
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        yield ""
        yield "  git init && git add -A && git commit -m 'Add authentication'"
