"""Rendered projects in good health, and what goes wrong with copies of them."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import load_answers
from copier_better_auth.diagnostics import after_fixes, plan_fixes, run_checks
from copier_better_auth.env.dotenv import entries
from copier_better_auth.pipeline import load_integration
from copier_better_auth.workspace import Workspace

from support.once import once
from support.sign_in_methods import EVERY_METHOD
from support.template import commit_all, git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from copier_better_auth.diagnostics._check import Broken
    from copier_better_auth.model import CheckResult

    from support.copies import Copies

_PEOPLE = (
    "table: users, id: id, id_type: integer, email: email, password: password_hash"
)
ANSWERS: dict[str, Sequence[str]] = {
    "default": (),
    "jwt": ("auth_session_validation=jwt",),
    "every method": (
        EVERY_METHOD,
        "auth_email_provider=smtp",
    ),
    "vercel": ("auth_deployment=vercel",),
    "railway": ("auth_deployment=railway",),
    "docker": ("auth_deployment=docker",),
    "people": (
        "auth_existing_users=import",
        f"auth_existing_users_table={{{_PEOPLE}, scheme: bcrypt}}",
    ),
}


class Healthy:
    """Projects by name, each rendered once and copied for every case."""

    def __init__(self, copies: Copies, folder: Path) -> None:
        """Make nothing yet."""
        self._copies = copies
        self._folder = folder

    def copy_of(self, name: str, target: Path) -> Path:
        """Return a copy of a project that has nothing wrong."""
        options = [part for answer in ANSWERS[name] for part in ("-d", answer)]

        def make(folder: Path) -> None:
            self._copies.into(folder, *options)
            commit_all(folder)
            repair(folder)
            commit_all(folder, "repaired")
            git(folder, "gc", "--quiet")  # few files, copied often

        made = once(self._folder / name.replace(" ", "-"), make)
        shutil.copytree(made, target, symlinks=True, dirs_exist_ok=True)
        return target


def results(
    project: Path, only: str | None = None, *, probe: bool = False
) -> tuple[CheckResult, ...]:
    """Run the diagnostics on a project as it is now."""
    integration = load_integration(project, ANSWERS_FILE)
    # Tests share their machine with each other.
    found = run_checks(integration, only=only, probe=probe, patience=60)
    return tuple(found)


def repair(project: Path, only: str | None = None) -> tuple[CheckResult, ...]:
    """Apply the safe fixes, as ``doctor --fix`` does; return what is found then."""
    integration = load_integration(project, ANSWERS_FILE)
    plan, titles = plan_fixes(integration, only=only)
    Workspace(project).apply(plan)
    return after_fixes(tuple(run_checks(integration, only=only)), titles)


def undo(project: Path) -> None:
    """Take the last repair back."""
    Workspace(project).undo()


def seed(project: Path, bug: Broken) -> None:
    """Put a bug into a project, as its example describes it."""
    answers = load_answers(project / ANSWERS_FILE)
    path, after = bug.path, bug.after
    for name, folder in {
        "{server}": answers.auth_server_dir,
        "{backend}": answers.auth_backend_dir,
        "{package}": answers.auth_package_dir,
        "{versions}": f"{answers.auth_backend_dir}/migrations/versions",
    }.items():
        path = path.replace(name, folder)
    if "{secret}" in after:
        env = (project / answers.auth_server_dir / ".env").read_text()
        after = after.replace("{secret}", entries(env)["BETTER_AUTH_SECRET"])
    if "{head}" in after:
        (revision,) = project.glob("**/versions/*_add_auth_tables.py")
        after = after.replace("{head}", revision.name.partition("_")[0])
    target = next(iter(sorted(project.glob(path))), project / path)
    if bug.before == "" and not bug.after:
        target.unlink()
        return
    held = target.read_text() if target.exists() else ""
    if bug.before is None:
        broken = after
    else:
        assert bug.before in held, f"{bug.title}: nothing in {path} to break"
        broken = held.replace(bug.before, after) if bug.before else held + after
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode if target.exists() else None
    target.write_text(broken)
    if mode is not None:
        target.chmod(mode)


def contents(project: Path) -> dict[str, bytes]:
    """Return every file that git tracks or would track, and the env file."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git from PATH
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    paths = [project / name for name in listed if name]
    paths += project.glob("*/.env")
    return {str(p.relative_to(project)): p.read_bytes() for p in paths if p.is_file()}
