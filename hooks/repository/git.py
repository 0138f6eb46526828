"""The only way to git: known settings, no program of the repository's, one error.

A repository may come with its own configuration, and its user has one too. What
either says about colours, prefixes or blanks must not change what is read here, and no
program that the repository's names is started: see ``git_settings.py``.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import EnvironmentProblem
from .git_settings import pinned, without_programs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECONDS = 60
# These compare no file with what is committed, so that no filter is asked, and look
# into no submodule: what the configuration says of either need not be known first.
_COMPARES_NOTHING = frozenset(
    {"check-ignore", "config", "ls-files", "ls-tree", "rev-parse", "symbolic-ref"}
)
# An answer; above it, git's exit code says that it has failed.
_NO = 1
_QUIET = {
    # Nothing is fetched or written, and no password is asked for.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# How many settings the user gave by variables, where those for Copier follow them.
_USERS = "COPIER_BETTER_AUTH_GIT_SETTINGS"
_TEMPORARY_REPOSITORIES = {
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "init.templateDir": "",
}


@dataclass(frozen=True, kw_only=True)
class Done:
    """A command that has ended: git's exit code, and what it printed."""

    code: int
    output: bytes
    error: str


def output(root: Path, *arguments: str) -> bytes | None:
    """Return what git prints, run in ``root``; ``None`` outside git, or for a no.

    Raises ``EnvironmentProblem`` with git's own error where it fails in a repository.
    """
    done = _answered(root, arguments)
    return done.output if done is not None and done.code == 0 else None


def holds(root: Path, *arguments: str) -> bool | None:
    """Return git's yes or no to a command that only asks; ``None`` outside git.

    Raises ``EnvironmentProblem`` with git's own error where it fails in a repository.
    """
    done = _answered(root, arguments)
    return None if done is None else done.code == 0


def line(root: Path, *arguments: str) -> str:
    """Return the one line that git prints; empty outside git, or for a no."""
    return (output(root, *arguments) or b"").decode("utf-8", "replace").strip()


def paths(root: Path, *arguments: str) -> list[str]:
    """Return the paths that a command lists with ``-z``; none outside git."""
    listed = output(root, *arguments) or b""
    # Decoded as a whole: a large repository has a hundred thousand of them.
    return [name for name in os.fsdecode(listed).split("\0") if name]


def committed(root: Path, path: str, *, checked_out: bool = False) -> bytes | None:
    """Return a file as the last commit has it; ``None`` where it has none.

    ``checked_out`` has the line ends that git would give it in the work tree.
    """
    how = "--filters" if checked_out else "blob"
    done = run(root, "cat-file", how, f"HEAD:./{path}")
    return done.output if done is not None and done.code == 0 else None


def restoring(root: Path, path: str, *, of: str = "") -> str:
    """Return the command that brings a committed file back, empty for any other.

    ``of`` is the folder to bring back instead of the file alone.
    """
    known = line(root, "ls-tree", "--name-only", "HEAD", "--", path)
    return f"git checkout HEAD -- {shlex.quote(of or path)}" if known else ""


def changes(root: Path) -> list[tuple[str, str]]:
    """Return what there is to commit below ``root``: two letters of git's, a path."""
    top = line(root, "rev-parse", "--show-prefix")
    status = ("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all")
    entries = paths(root, *status, "--untracked-files=normal", "--", ".")
    return [(entry[:2], entry[3:].removeprefix(top)) for entry in entries]


def run(root: Path, *arguments: str) -> Done | None:
    """Return what becomes of a command; ``None`` where there is no git."""
    settings = {} if arguments[0] in _COMPARES_NOTHING else _taken_back(root)
    return _run(root, arguments, _environment(settings))


def _answered(root: Path, arguments: tuple[str, ...]) -> Done | None:
    """Return what git answers; ``None`` where there is no repository, or no git."""
    done = run(root, *arguments) if root.is_dir() else None
    if done is None or done.code in {0, _NO}:
        return done
    if _is_outside(root, done):
        return None
    raise EnvironmentProblem(_one_line(done.error, f"git {arguments[0]} fails here"))


def _is_outside(root: Path, done: Done) -> bool:
    """Return True if git failed because no repository is there, not a broken one."""
    if "not a git repository" not in done.error:
        return False
    if "filesystem boundary" in done.error:
        return True
    found = (folder / ".git" for folder in (root.absolute(), *root.absolute().parents))
    return not any(os.path.lexists(path) and not _is_empty(path) for path in found)


def settings_for_copier(root: Path) -> Mapping[str, str]:
    """Return the variables under which Copier's own calls of git must run.

    Beyond ours, they keep what the user's configuration says about all repositories
    from the temporary ones that Copier compares: a file left out of one of those would
    take its user's edits with it.
    """
    users = _of_git()
    found = pinned(users, {**_taken_back(root), **_TEMPORARY_REPOSITORIES})
    found[_USERS] = users.get("GIT_CONFIG_COUNT", "0")
    form = run(root, "rev-parse", "--show-object-format")
    if form is not None and form.code == 0:
        found["GIT_DEFAULT_HASH"] = form.output.decode().strip()
    return found


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    others = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**others, **pinned(_of_git(), settings), **_QUIET}


def _of_git() -> dict[str, str]:
    """Return the variables that the user has set for git, without ours for Copier."""
    found = {k: v for k, v in os.environ.items() if k.startswith("GIT_")}
    if _USERS in os.environ:
        found["GIT_CONFIG_COUNT"] = os.environ[_USERS]
    return found


def _taken_back(root: Path) -> dict[str, str]:
    """Return settings against the programs that the repository's own name."""
    plain = _environment({})
    scoped = ("config", "--list", "-z", "--show-scope")
    listed = [
        _run(root, (*scoped, "--includes"), plain),
        _run(root, (*scoped, "--blob", "HEAD:.gitmodules"), plain),
    ]
    return without_programs(b"".join(d.output for d in listed if d is not None))


def _run(
    root: Path, arguments: tuple[str, ...], environment: Mapping[str, str]
) -> Done | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        message = f"git {arguments[0]} has not ended within {_SECONDS} s in {root}"
        raise EnvironmentProblem(message) from None
    except OSError:
        return None
    return Done(
        code=done.returncode,
        output=done.stdout,
        error=done.stderr.decode("utf-8", "replace"),
    )


def _is_empty(path: Path) -> bool:
    """Return True for a folder without entries, which git passes over."""
    try:
        return not any(path.iterdir())
    except OSError:
        return False


def _one_line(error: str, otherwise: str) -> str:
    """Return what git said, and the command that it proposes, as one line."""
    lines = [text.strip() for text in error.splitlines() if text.strip()]
    told = [text for text in lines if text.startswith(("fatal: ", "error: "))]
    first = next((text.partition(": ")[2] for text in told), otherwise)
    command = next((text for text in lines if text.startswith("git config ")), "")
    return f"git: {first}" + (f"; type: {command}" if command else "")
