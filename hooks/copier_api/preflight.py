"""What must hold before the first question, refused in one line before any write.

Each function raises a ``BetterAuthError``; none changes anything.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shutil
import stat
from typing import TYPE_CHECKING

from plumbum import CommandNotFound, ProcessExecutionError, ProcessTimedOut, local

from ..answers import parse_answers, read_answers_file, rules
from ..catalogue.pinned import LOWEST_NODE, node_version
from ..errors import AnswerError, DirtyRepositoryError, EnvironmentProblem
from ..repository import git
from ..repository.nested import nested_application

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..repository import Repository

# What a run writes, three times over.
_SPACE = 2_000_000
_SHOWN_PATHS = 3


def check_given_answers(data: Mapping[str, object]) -> None:
    """Refuse answers of the command line that break a rule or name no question.

    ``data`` holds what was given with ``-d`` or ``--data-file``. Copier would answer
    a bad value with a traceback and ignore a misspelt name.
    """
    for question, value in data.items():
        if question in rules.RULES or question in rules.RECORDED:
            if wrong := rules.problem(question, value):
                message = f"{question}: {wrong}"
                raise AnswerError(message)
        elif question.startswith("auth_"):
            near = difflib.get_close_matches(question, rules.RULES, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            message = f"{question}: there is no such question{meant}"
            raise AnswerError(message)


def check_earlier_answers(path: Path, data: Mapping[str, object]) -> None:
    """Refuse an answers file that cannot be read, or is another template's.

    Copier would write over it: what was chosen for the files that are here would be
    forgotten, or the other template could not be updated any more.
    """
    if not path.exists():
        return
    earlier = read_answers_file(path)
    if not any(name.startswith("auth_") for name in earlier):
        message = (
            f"{path.name}: holds the answers of another template; leave -a out, or "
            "give it another name"
        )
        raise AnswerError(message)
    try:
        parse_answers({**earlier, **data})
    except AnswerError as error:
        message = f"{path.name}: {error}; correct it there"
        raise AnswerError(message) from None


def check_no_link(answers_file: Path) -> None:
    """Refuse an answers file that is none: Copier reads what a link leads to."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if not stat.S_ISREG(answers_file.lstat().st_mode):
            message = f"{answers_file.name}: is no regular file; remove it"
            raise AnswerError(message)


def check_destination(root: Path) -> None:
    """Refuse a place that is no folder, or where nothing can be written.

    Copier would stop at the first file, or at the one that finds the disk full.
    """
    nearest = next(path for path in (root, *root.parents) if path.exists())
    if not nearest.is_dir():
        message = f"{nearest} is a file; give a folder, or . for this one"
    elif not os.access(nearest, os.W_OK | os.X_OK):
        message = f"{nearest}: nothing can be written there; give another folder"
    elif shutil.disk_usage(nearest).free < _SPACE:
        message = f"{nearest}: the disk is full; make room (2 MB), then try again"
    else:
        return
    raise EnvironmentProblem(message)


def check_node() -> None:
    """Refuse a machine without Node, or with one older than the auth server needs."""
    needed = f"Node {node_version()} or newer"
    fix = f"install {needed} from https://nodejs.org, then try again"
    if shutil.which("node") is None:
        message = f"Node is not installed; {fix}"
        raise EnvironmentProblem(message)
    try:
        printed = str(local["node"]["--version"](timeout=10))
    except (CommandNotFound, ProcessExecutionError, ProcessTimedOut, OSError):
        message = f"'node --version' fails on this machine; {fix}"
        raise EnvironmentProblem(message) from None
    version = re.match(r"v(\d+)\.(\d+)\.", printed)
    if version is None or (int(version[1]), int(version[2])) < LOWEST_NODE:
        message = f"Node {printed.strip().lstrip('v')} is too old; {fix}"
        raise EnvironmentProblem(message)


def check_clean(root: Path) -> None:
    """Refuse a work tree with uncommitted changes below ``root``.

    A run could be mixed up with them, in the diff and in an undo. A folder outside
    git has nothing to compare with and passes.
    """
    if not root.is_dir():
        return
    if shutil.which("git") is None:
        message = "git is not installed; install it, then try again"
        raise EnvironmentProblem(message)
    changed = [path for _, path in git.changes(root)]
    if not changed:
        return
    shown = ", ".join(changed[:_SHOWN_PATHS])
    more = f" and {len(changed) - _SHOWN_PATHS} more" * (len(changed) > _SHOWN_PATHS)
    message = (
        f"uncommitted changes: {shown}{more}; commit or stash them "
        "(or go on all the same with -d auth_allow_dirty=true)"
    )
    raise DirtyRepositoryError(message)


def check_nested(repository: Repository) -> None:
    """Refuse a repository whose application is in another one inside of it."""
    folder = nested_application(repository)
    if folder is not None:
        empty = not any((repository.root / folder).iterdir())
        why = "nothing of it is checked out (git submodule update --init)"
        why = why if empty else "the FastAPI application is in it"
        raise EnvironmentProblem(inside_of(folder, why))


def inside_of(folder: str, why: str) -> str:
    """Return what to type where ``folder`` is its own repository."""
    return (
        f"{folder} is its own git repository (a submodule), and {why}; run the "
        f"same command inside of it: cd {folder}"
    )
