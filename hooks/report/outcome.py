"""What a person reads when a run has ended: results, and what to type next."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..discovery.install_commands import installed_lists
from ..discovery.manifest import lists_itself
from ..edits.add_python_dependencies import REQUIREMENTS
from ..env.dotenv import entries
from ..model import Status
from ..rendering.commands import (
    copier_command,
    install_node,
    install_python,
    run_python,
    run_uvicorn,
    source_of,
    start_in_compose,
    tool,
    within,
)
from ..rendering.decisions import decisions
from ..repository.files import Repository
from ..repository.paths import above, join
from ..syntax.visible import visible
from .frame import framed
from .plan import render_plan
from .style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..answers import Answers
    from ..model import CheckResult, Conflict, Outcome, Versions

_EVERY_STEP = 1000
# The last message is one screen: what else there is to say is in the file it names.
_SCREEN = 24
_SHORTER = ((3, True), (3, False), (2, False), (1, False))
_NO_EDIT = "Your own code needs no further edit."


def render_outcome(
    outcome: Outcome, root: Path, style: Style = PLAIN, details: str = ""
) -> str:
    """Return what a run did and what is left; at a terminal its last part is framed.

    ``details`` is the file that holds ``render_details``, empty where there is none.
    """
    text = "\n".join(_lines(outcome, style)) + "\n"
    if not style.width:
        shown = _summary(outcome, root, details, _EVERY_STEP, decides=True)
        return text + "\n".join(map(visible, shown)) + "\n"
    last = ""
    for steps, decides in _SHORTER:
        shown = _summary(outcome, root, details, steps, decides=decides)
        last = framed(tuple(map(visible, shown)), style.width)
        if _screen_lines(last, style.width) <= _SCREEN or not details:
            break
    return text + last


def _screen_lines(text: str, width: int) -> int:
    return sum(-(-len(line) // width) for line in text.splitlines())


def render_details(outcome: Outcome, root: Path) -> str:
    """Return all of a run's report: every file, every step, reasons, the way on."""
    steps = tuple(_left(outcome, root))
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
        yield from map(visible, _update(outcome.versions, outcome))
    nothing = "" if outcome.versions is None else _NO_EDIT
    yield render_plan(
        outcome.plan, applied=outcome.applied, style=style, nothing=nothing
    )
    problems = [r for r in outcome.results if r.status is not Status.PASS]
    passed = len(outcome.results) - len(problems)
    yield f"Diagnostics: {passed} passed" + (":" if problems else ".")
    for result in problems:
        yield from map(visible, _result(result))
    yield from map(visible, _principles(outcome))
    yield ""


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
        yield f"  CONFLICT {_to_choose(conflict)}"
    if outcome.changed:
        yield "Changed, to be looked at (git diff) and committed:"
        yield from (f"  {line}" for line in outcome.changed)
    else:
        yield "No file changed."
    if outcome.own_lines:
        yield "Lines of yours in these files, where they are now:"
    for own in outcome.own_lines:
        places = [f"{_listed(own.merged)} merged in"] if own.merged else []
        if own.in_conflict:
            places.append(f"{_listed(own.in_conflict)} in a conflict")
        yield f"  {own.path}: {', '.join(places)}"
    yield ""


def _to_choose(conflict: Conflict) -> str:
    """Name what could not be merged, and what to type when it is."""
    path = conflict.path
    if conflict.rejected:
        return (
            f"{path}: what could not be merged is in {conflict.rejected}; put it in, "
            f"then rm {conflict.rejected}"
        )
    where = _listed(conflict.lines)
    return f"{path}: choose between the marked lines ({where}), then git add {path}"


def _listed(numbers: Sequence[int]) -> str:
    """Return ``line 3``, or ``lines 3-5, 9``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    shown = ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in spans)
    return f"line{'s' * (len(numbers) > 1)} {shown}"


def _result(result: CheckResult) -> Iterator[str]:
    label = result.status.value.upper()
    yield f"  {label:<5} {result.code} {result.name}: {result.message}"
    if result.remedy:
        yield f"        {result.remedy}"


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


def _summary(
    outcome: Outcome, root: Path, details: str, shown: int, *, decides: bool
) -> Iterator[str]:
    """Yield what was made, what is left, conflicts first, and what to type next."""
    answers = outcome.answers
    yield from _done(outcome)
    yield from _shortened(
        tuple(_left(outcome, root)), shown if details else _EVERY_STEP
    )
    server, backend = answers.auth_server_dir, answers.auth_backend_dir
    manager = answers.auth_package_manager
    folder, install = (
        backend,
        install_python(manager, new_project=answers.auth_new_project),
    )
    if manager == "pip" and not answers.auth_new_project:
        folder, install = _pip_install(root, backend)
    yield "Start:"
    yield f"  {install}" if folder == "." else f"  (cd {folder} && {install})"
    yield f"  (cd {server} && {install_node(answers.auth_node_package_manager)})"
    yield from _start(answers)
    tool_ = tool(outcome.source)
    yield "Verify:"
    # The doctor has just run; only a password lets a test user in.
    has_password = "email_password" in answers.auth_methods
    yield f"  {tool_} {'verify' if has_password else 'doctor'}"
    if answers.deployment.deploy:
        yield f"Deploy, when it runs here: {server}/SETUP.md#{answers.auth_deployment}"
    if outcome.versions is None:
        yield from _suggested(answers, root, in_full=decides)
    yield "A newer template later, from here (it needs git):"
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        yield "  git init && git add -A && git commit -m 'Add authentication'"
    source = source_of(outcome.source)
    yield f"  uvx --with {source} copier update --trust -a {ANSWERS_FILE}"
    yield f"More: {server}/SETUP.md, {server}/TROUBLESHOOTING.md"
    if details:
        yield f"All of this run: {details}"
    if count := len(outcome.conflicts):
        files = "1 file has" if count == 1 else f"{count} files have"
        yield (
            f"{files} a conflict, listed above: nothing is lost, but the code does not "
            "run until you have chosen. Copier calls that an error."
        )


def _shortened(steps: Sequence[str], shown: int) -> Iterator[str]:
    """Yield what is left to do, no more than fits one screen with the rest."""
    if steps:
        yield "Left to do by hand:"
    yield from (f"  {n}. {step}" for n, step in enumerate(steps[:shown], 1))
    if len(steps) > shown:
        yield f"  and {len(steps) - shown} more, in the file that is named below"


def _suggested(answers: Answers, root: Path, *, in_full: bool) -> Iterator[str]:
    """Yield the decisions that are worth a record, and how one is written."""
    open_ = [d for d in decisions(answers) if d.slug not in answers.auth_adrs]
    if not open_:
        return
    if not in_full:
        yield f"Decisions worth a record: {len(open_)}, in the file that is named below"
        return
    if (root / ".specify").is_dir():
        yield "Decisions worth a record (nothing was written):"
        yield from (f"  /sp.adr {decision.slug}" for decision in open_)
        return
    yield "Decisions worth a record, each by the update below with"
    yield from (f"  -d auth_adrs='[{decision.slug}]'" for decision in open_)


def _start(answers: Answers) -> Iterator[str]:
    """Yield what starts this project: its own compose file, or both servers."""
    server, manager = answers.auth_server_dir, answers.auth_node_package_manager
    file = answers.auth_compose_file
    if answers.auth_deployment != "docker" or not file:
        hosted = answers.auth_database_provider in {"neon", "supabase", "railway"}
        told = "DEV_MIGRATE_REMOTE=1 " if hosted else ""
        yield f"  (cd {server} && {told}{manager} run dev:all)"
        return
    run = run_python(answers.auth_package_manager, new_project=answers.auth_new_project)
    app, root = answers.auth_app, answers.auth_import_root
    backend = answers.auth_backend_dir
    yield from (
        f"  {command}"
        for command in start_in_compose(
            file,
            answers.auth_compose_service,
            answers.auth_compose_migration,
            alembic=_alembic(answers),
            uvicorn=within(backend, run + run_uvicorn(app, root, backend)),
        )
    )


def _alembic(answers: Answers) -> str:
    """Return what makes the tables where Alembic does, from the root; else nothing."""
    if answers.migrated_by != "alembic":
        return ""
    run = run_python(answers.auth_package_manager, new_project=answers.auth_new_project)
    return within(answers.alembic_dir, f"{run}{answers.alembic} upgrade head")


def _pip_install(root: Path, backend: str) -> tuple[str, str]:
    """Return where pip is run, and how: as the project does, else from what it finds.

    Where there is no list, the step that gives the packages makes one.
    """
    repository = Repository(root)
    folders = above(backend)
    for path in installed_lists(repository, backend):
        folder = next(f for f in folders if f == "." or path.startswith(f"{f}/"))
        name = path if folder == "." else path.removeprefix(f"{folder}/")
        return folder, f"pip install -r {shlex.quote(name)}"
    for folder in folders:
        for name in ("requirements.txt", *REQUIREMENTS):
            if name.endswith(".txt") and join(folder, name) in repository.file_set:
                return folder, f"pip install -r {name}"
        if lists_itself(repository, folder):
            lock = repository.text(join(folder, "requirements.lock")) or ""
            by_rye = lock.startswith("# generated by rye")
            return folder, "rye sync" if by_rye else "pip install ."
    return backend, install_python("pip", new_project=False)


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
        if not answers.auth_new_project and (alembic := _alembic(answers)):
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


def _done(outcome: Outcome) -> Iterator[str]:
    edits = outcome.plan.edits
    if not outcome.applied:
        yield f"Planned: {len(edits)} edits, none applied (auth_apply_edits=preview)."
    # What an update rendered was there before, or is listed as changed.
    rendered = outcome.rendered if outcome.versions is None else ()
    made = [*rendered, *(e.path for e in edits if e.before is None)]
    folders = Counter(_place(path, outcome.answers) for path in dict.fromkeys(made))
    if made:
        listed = [f"{n} in {name}" for name, n in folders.most_common(2)]
        if others := folders.total() - sum(n for _, n in folders.most_common(2)):
            listed.append(f"{others} elsewhere")
        yield f"Made: {', '.join(listed)}."
    changed = [edit.path for edit in edits if edit.before is not None]
    if changed and outcome.applied:
        yield f"Edited: {', '.join(changed)}."


def _place(path: str, answers: Answers) -> str:
    for folder in (
        answers.auth_server_dir,
        answers.auth_package_dir,
        answers.auth_backend_dir,
    ):
        if path.startswith(f"{folder}/"):
            return f"{folder}/"
    return f"{path.rpartition('/')[0]}/" if "/" in path else "the root"


def _left(outcome: Outcome, root: Path) -> Iterator[str]:
    answers = outcome.answers
    yield from map(_to_choose, outcome.conflicts)
    for step in outcome.plan.manual_steps:
        yield f"{step.path}: {step.why} (shown above)"
    env = f"{answers.auth_server_dir}/.env"
    known = _known(root, env)
    for provider in answers.social_providers:
        missing = [v.name for v in provider.variables if v.name not in known]
        if missing:
            callback = f"http://localhost:3001/api/auth/callback/{provider.name}"
            yield (
                f"{env}: {' and '.join(missing)}, from {provider.console} "
                f"with the callback URL {callback} (it is off until then)"
            )
    if mail := answers.mail_service:
        missing = [v.name for v in mail.variables if v.name not in known]
        has_source = mail.console and mail.credential.name in missing
        if missing:
            where = f" from {mail.console}" if has_source else ""
            what = " and ".join(missing) + where
            yield f"before production: {what} (mail is printed now)"


def _known(root: Path, env: str) -> set[str]:
    """Return the names that an env file gives a value to."""
    text = Repository(root).text(env) or ""
    return {name for name, value in entries(text).items() if value}
