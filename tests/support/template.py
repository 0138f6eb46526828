"""The template as users get it: a git repository with tags, made from the work tree."""

from __future__ import annotations

import compileall
import shutil
import subprocess
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).resolve().parents[2]
_SETTINGS = (
    *("-c", "user.name=Test", "-c", "user.email=test@example.com"),
    *("-c", "init.defaultBranch=main"),
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false"),  # two processes per commit
)
# Whose commits a command of git makes in a program's own environment.
AUTHOR = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "user.name",
    "GIT_CONFIG_VALUE_0": "Ada",
    "GIT_CONFIG_KEY_1": "user.email",
    "GIT_CONFIG_VALUE_1": "ada@example.com",
}
# What no run of Copier reads; each would write and delete hundreds of files more.
_LEFT_OUT = ("tests", "benchmarks")


def git(folder: Path, *arguments: str) -> str:
    """Run git in ``folder`` as a neutral author and return what it prints."""
    return subprocess.run(
        ["git", *_SETTINGS, *arguments],  # noqa: S607 - git from PATH
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def commit_all(folder: Path, message: str = "work") -> None:
    """Make ``folder`` a repository where it is none, and commit everything in it."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)


def make_template(folder: Path, tag: str = "v1.0.0") -> Path:
    """Copy the work tree's files to ``folder``, commit them and tag the commit.

    Copier renders a git template at its newest tag, so a test that used the work tree
    itself would test the last release. Each run clones the template into a new folder:
    its objects are packed once here instead of in every clone, and its modules come
    compiled. Python compares such a file with its source's hash, not with a date, and
    compiles again what a test has changed.
    """
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if name.startswith(tuple(f"{left_out}/" for left_out in _LEFT_OUT)):
            continue
        source = ROOT / name
        if source.is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    commit_all(folder, f"template {tag}")
    _add_compiled_modules(folder)
    git(folder, "tag", tag)
    git(folder, "repack", "-a", "-d", "--quiet")
    return folder


def _add_compiled_modules(folder: Path) -> None:
    mode = PycInvalidationMode.CHECKED_HASH
    for package in ("hooks", "extensions"):
        compiled = compileall.compile_dir(
            folder / package, quiet=1, invalidation_mode=mode
        )
        assert compiled, package
        git(folder, "add", "--force", package)
    git(folder, "commit", "--quiet", "--amend", "--no-edit")
