"""The last message of a run: what was made, what is left, and what to type next."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..discovery.install_commands import installed_lists
from ..discovery.manifest import lists_itself
from ..edits.add_python_dependencies import REQUIREMENTS
from ..env.dotenv import entries
from ..rendering.commands import (
    install_node,
    install_python,
    run_alembic,
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
from .conflicts import to_choose
from .people import people_left

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..answers import Answers
    from ..model import Outcome


@dataclass(frozen=True, kw_only=True)
class LastMessage:
    """The parts of the message, of which some can be shortened."""

    done: tuple[str, ...]
    people: tuple[str, ...]
    left: tuple[str, ...]
    typed: tuple[str, ...]
    decisions: tuple[str, ...]
    later: tuple[str, ...]

    def lines(self, steps: int | None = None, *, decides: bool = True) -> list[str]:
        """Return all of it, or the first ``steps``, and decisions only where wanted.

        Without these, what becomes of the people who were there is one line, too.
        """
        left = [f"  {n}. {step}" for n, step in enumerate(self.left[:steps], 1)]
        if more := len(self.left) - len(left):
            left.append(f"  and {more} more, in the file that is named below")
        decisions = self.decisions
        if decisions and not decides:
            decisions = ("Decisions worth a record: in the file that is named below",)
        head = ["Left to do by hand:"] if left else []
        done = (*self.done, *(self.people if decides else self.people[:1]))
        return [*done, *head, *left, *self.typed, *decisions, *self.later]


def last_message(outcome: Outcome, root: Path, details: str) -> LastMessage:
    """Return what was made, what is left, conflicts first, and what to type next.

    ``details`` is the file that holds all of the report; empty where there is none.
    """
    is_copy = outcome.versions is None
    return LastMessage(
        done=tuple(_done(outcome)),
        people=people_left(outcome),
        left=tuple(left_to_do(outcome, root)),
        typed=tuple(_typed(outcome, root)),
        decisions=tuple(_suggested(outcome.answers, root)) if is_copy else (),
        later=tuple(_later(outcome, root, details)),
    )


def _typed(outcome: Outcome, root: Path) -> Iterator[str]:
    """Yield what is typed now, in this order; what keeps the terminal comes last.

    Verifying starts both servers itself, and ends them. Where containers run them, it
    needs the database of these.
    """
    answers = outcome.answers
    server, folder = answers.auth_server_dir, answers.auth_backend_dir
    manager, is_new = answers.auth_package_manager, answers.auth_new_project
    install = install_python(manager, new_project=is_new)
    if manager == "pip" and not is_new:
        folder, install = _pip_install(root, folder)
    yield "Next:"
    yield f"  {install}" if folder == "." else f"  (cd {folder} && {install})"
    yield f"  (cd {server} && {install_node(answers.auth_node_package_manager)})"
    # The doctor has just run; only a password lets a test user in.
    checks = "verify" if "email_password" in answers.auth_methods else "doctor"
    migrates = _migrates_remote(answers) if checks == "verify" else ""
    verify = f"  {migrates}{tool(outcome.source)} {checks}"
    start = tuple(_start(answers))
    if not _in_containers(answers):
        yield from (verify, *start)
    elif answers.auth_compose_service:
        yield from (*start, verify)
    else:  # uvicorn, which keeps the terminal, is the last of them
        yield from (*start[:-1], verify, start[-1])
    if answers.deployment.deploy:
        yield f"Deploy, when it runs here: {server}/SETUP.md#{answers.auth_deployment}"


def _suggested(answers: Answers, root: Path) -> Iterator[str]:
    """Yield the decisions that are worth a record, and how one is written."""
    open_ = [d for d in decisions(answers) if d.slug not in answers.auth_adrs]
    if open_ and (root / ".specify").is_dir():
        yield "Decisions worth a record (nothing was written):"
        yield from (f"  /sp.adr {decision.slug}" for decision in open_)
    elif open_:
        yield "Decisions worth a record, each by the update below with"
        yield from (f"  -d auth_adrs='[{decision.slug}]'" for decision in open_)


def _later(outcome: Outcome, root: Path, details: str) -> Iterator[str]:
    """Yield how to update, where to read on, and what conflicts mean."""
    server = outcome.answers.auth_server_dir
    yield "A newer template later, from here (it needs git):"
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        yield "  git init && git add -A && git commit -m 'Add authentication'"
    source = source_of(outcome.source)
    yield f"  uvx --with {source} copier update --trust -a {ANSWERS_FILE}"
    yield f"More: {server}/SETUP.md; what comes next: {server}/docs/recipes.md"
    if details:
        yield f"All of this run: {details}"
    if count := len(outcome.conflicts):
        files = "1 file has" if count == 1 else f"{count} files have"
        yield (
            f"{files} a conflict, listed above: nothing is lost, but the code does not "
            "run until you have chosen. Copier calls that an error."
        )


def _start(answers: Answers) -> Iterator[str]:
    """Yield what starts this project: its own compose file, or both servers."""
    server, manager = answers.auth_server_dir, answers.auth_node_package_manager
    if not _in_containers(answers):
        yield f"  (cd {server} && {_migrates_remote(answers)}{manager} run dev:all)"
        return
    run = run_python(answers.auth_package_manager, new_project=answers.auth_new_project)
    app, root = answers.auth_app, answers.auth_import_root
    backend = answers.auth_backend_dir
    yield from (
        f"  {command}"
        for command in start_in_compose(
            answers.auth_compose_file,
            answers.auth_compose_service,
            answers.auth_compose_migration,
            alembic=alembic_upgrade(answers),
            uvicorn=within(backend, run + run_uvicorn(app, root, backend)),
        )
    )


def _in_containers(answers: Answers) -> bool:
    """Return True if the project's own compose file starts it."""
    return answers.auth_deployment == "docker" and bool(answers.auth_compose_file)


def _migrates_remote(answers: Answers) -> str:
    """Return what lets the servers migrate a database that is not on this machine."""
    hosted = answers.auth_database_provider in {"neon", "supabase", "railway"}
    return "DEV_MIGRATE_REMOTE=1 " if hosted else ""


def alembic_upgrade(answers: Answers) -> str:
    """Return what makes the tables where Alembic does, from the root; else nothing."""
    is_theirs = answers.migrated_by == "alembic"
    return run_alembic(answers, "upgrade head") if is_theirs else ""


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


def left_to_do(outcome: Outcome, root: Path) -> Iterator[str]:
    """Yield what only the user can do, conflicts first."""
    answers = outcome.answers
    yield from map(to_choose, outcome.conflicts)
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
