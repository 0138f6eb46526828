"""What the edited files of a project must still be: Python that leads somewhere."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import load_answers
from copier_better_auth.fastapi_code.modules import resolved_import
from copier_better_auth.repository import Repository
from copier_better_auth.syntax.encoding import decoded
from copier_better_auth.syntax.python import parse
from support.template import git

if TYPE_CHECKING:
    from pathlib import Path


def unparsed(project: Path) -> list[str]:
    """Name the edited modules that parsed before and do not now."""
    found: list[str] = []
    for name in _edited(project, "*.py"):
        was = parse(_committed(project, name)).has_errors
        if parse((project / name).read_bytes()).has_errors and not was:
            found.append(f"{name} does not parse")
    return found


def unresolved(project: Path) -> list[str]:
    """Name the imports of edited modules that lead nowhere and led somewhere before."""
    answers = load_answers(project / ANSWERS_FILE)
    root, repository = answers.auth_import_root, Repository(project)
    tops = {name.partition("/")[0] for name in repository.files}
    found: list[str] = []
    for name in _edited(project, "*.py"):
        before = decoded(_committed(project, name))
        for one in parse((project / name).read_bytes()).imports:
            if resolved_import(repository, root, name, one):
                continue
            ours = one.module.startswith(answers.package_module)
            if ours or (one.module not in before and one.module in tops):
                found.append(f"{name} imports {one.module}.{one.name} from nowhere")
    return found


def lost_lines(project: Path) -> list[str]:
    """Name the files that lost a line beyond those in which something was inserted."""
    found: list[str] = []
    for name in _edited(project):
        old = decoded(_committed(project, name))
        new = iter(decoded((project / name).read_bytes()))
        if not all(character in new for character in old.replace("\r\n", "\n")):
            found.append(f"{name} lost text")
    return found


def _committed(project: Path, name: str) -> bytes:
    command = ["git", "show", f"HEAD:{name}"]
    return subprocess.run(command, cwd=project, check=True, capture_output=True).stdout


def _edited(project: Path, *patterns: str) -> list[str]:
    listed = git(project, "diff", "--name-only", "-z", "--", *patterns)
    return [name for name in listed.split("\0") if name]
