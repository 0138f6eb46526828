"""An env file that git, or another user of the machine, can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Evidence, FileEdit, Finding, Fix, Plan, Status
from ...repository import git
from .._check import FIX, Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._project import Project

_RULE = b".env\n"
_PRIVATE = 0o600

BROKEN = (
    Broken(
        title="git does not ignore .env",
        path="{server}/.gitignore",
        after="!.env\n",
        fixed=True,
    ),
)


def find(project: Project, path: str) -> Iterator[Finding]:
    """Ask git about the file, and the disk for its mode."""
    if git.holds(project.root, "ls-files", "--error-unmatch", "--", path):
        remedy = f"git rm --cached {path}, then make a new secret"
        yield problem("git tracks .env", path, remedy=remedy)
    elif git.holds(
        project.root, "check-ignore", "--quiet", "--", path
    ) is False and not _is_planned(project):
        yield _ignored(project, path)
    if (project.root / path).exists() and (project.root / path).stat().st_mode & 0o077:
        data = project.read(path)
        title = "made .env readable by its owner alone"
        edit = FileEdit(
            path=path, before=data, after=data, why=(title,), secret=True, mode=_PRIVATE
        )
        planned = any(e.path == path for e in project.staging.edits)
        message = ".env can be read by other users of this machine"
        yield Finding(
            message=message,
            evidence=(Evidence(path=path, why=message),),
            remedy=f"chmod 600 {path}",
            severity=Status.WARN,
            fix=None if planned else Fix(title=title, plan=Plan(edits=(edit,))),
        )


def _is_planned(project: Project) -> bool:
    """Return True if a plan, which git does not see yet, has the rule as the last."""
    rules = f"{project.server}/.gitignore"
    planned = (
        edit.after or b"" for edit in project.staging.edits if edit.path == rules
    )
    return any(after.splitlines()[-1:] == [_RULE.strip()] for after in planned)


def _ignored(project: Project, path: str) -> Finding:
    """Return the finding that git would commit the file; the last rule counts."""
    rules = f"{project.server}/.gitignore"
    before = project.read(rules)
    message = "git does not ignore .env, so that the next commit may hold it"
    kept = before or b""
    after = kept + (b"" if kept.endswith(b"\n") or not kept else b"\n") + _RULE
    title = f"added .env to {rules}"
    edit = FileEdit(path=rules, before=before, after=after, why=(title,))
    return Finding(
        message=message,
        evidence=(Evidence(path=path, why=message),),
        remedy=FIX,
        fix=Fix(title=title, plan=Plan(edits=(edit,))),
    )
