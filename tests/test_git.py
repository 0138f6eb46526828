"""git is asked under known settings, runs nothing of the repository's, and may fail."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.copier_api.preflight import check_clean
from copier_better_auth.errors import EnvironmentProblem
from copier_better_auth.repository import Repository, git
from support.copier_cli import COPIER, copy
from support.repositories import full_stack
from support.template import commit_all
from support.template import git as plain_git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.copies import Copies

OWN = COPIER.with_name("copier-better-auth")


def small(folder: Path) -> Path:
    """A repository of one file."""
    folder.mkdir()
    (folder / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    commit_all(folder)
    return folder


def trap(folder: Path) -> tuple[str, Path]:
    """A program that passes its input on, and the trace that it leaves."""
    trace = folder / "trace"
    program = folder / "trap"
    program.write_text(f"#!/bin/sh\necho ran >> {trace}\ncat\n")
    program.chmod(0o755)
    return str(program), trace


def by_filter(repository: Path, program: str) -> None:
    """A filter for every file, and a file whose time tells git to look again."""
    plain_git(repository, "config", "filter.Any.Name.clean", program)
    plain_git(repository, "config", "filter.Any.Name.smudge", program)
    plain_git(repository, "config", "filter.Any.Name.required", "true")
    (repository / ".git/info/attributes").write_text("* filter=Any.Name\n")


def by_process(repository: Path, program: str) -> None:
    """The same with a process, in a file that the configuration includes."""
    (repository / ".git/more").write_text(f'[filter "x"]\n\tprocess = {program}\n')
    plain_git(repository, "config", "include.path", "more")
    (repository / ".git/info/attributes").write_text("* filter=x\n")


def by_hook(repository: Path, program: str) -> None:
    """A hook that git runs when it has written its index, and a folder of hooks."""
    shutil.copy2(program, repository / ".git/hooks/post-index-change")


def by_hooks_folder(repository: Path, program: str) -> None:
    """A folder of hooks within the repository."""
    (repository / ".git/own").mkdir()
    shutil.copy2(program, repository / ".git/own/post-index-change")
    plain_git(repository, "config", "core.hooksPath", str(repository / ".git/own"))


def by_watcher(repository: Path, program: str) -> None:
    """A program that is asked which files have changed."""
    plain_git(repository, "config", "core.fsmonitor", program)


def by_diff(repository: Path, program: str) -> None:
    """Programs that show a difference."""
    plain_git(repository, "config", "diff.external", program)
    plain_git(repository, "config", "diff.x.textconv", program)
    plain_git(repository, "config", "diff.x.command", program)
    (repository / ".git/info/attributes").write_text("* diff=x\n")


def by_submodule(repository: Path, program: str) -> None:
    """A filter that only the configuration of a submodule names."""
    inner = small(repository / "inner")
    plain_git(repository, "-c", "advice.addEmbeddedRepo=false", "add", "inner")
    (repository / ".gitmodules").write_text(
        '[submodule "inner"]\n\tpath = inner\n\turl = ./inner\n\tignore = none\n'
    )
    commit_all(repository)
    by_filter(inner, program)
    touch_all(inner)


def by_fetching(repository: Path, program: str) -> None:
    """A remote that is asked for objects which are missing here."""
    remote = {"url": f"ext::{program}", "promisor": "true"}
    for name, value in remote.items():
        plain_git(repository, "config", f"remote.origin.{name}", value)
    plain_git(repository, "config", "protocol.ext.allow", "always")
    plain_git(repository, "config", "extensions.partialClone", "origin")
    plain_git(repository, "config", "core.repositoryFormatVersion", "1")
    blob = plain_git(repository, "rev-parse", "HEAD:main.py").strip()
    (repository / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()


def touch_all(repository: Path) -> None:
    """Give every file another time, so that git compares what it holds."""
    for path in repository.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            os.utime(path, (1, 1))


WAYS = [
    *(by_filter, by_process, by_hook, by_hooks_folder, by_watcher),
    *(by_diff, by_submodule, by_fetching),
]


@pytest.mark.parametrize("way", WAYS)
def test_no_program_of_the_repository_is_run(
    tmp_path: Path, way: Callable[[Path, str], None]
) -> None:
    """Whatever its configuration names, all that we ask git runs none of it."""
    repository = small(tmp_path / "repository")
    program, trace = trap(tmp_path)
    way(repository, program)
    touch_all(repository)
    with contextlib.suppress(EnvironmentProblem):  # an object that is missing
        assert git.changes(repository) == []
        git.output(repository, "diff", "--name-only", "--no-ext-diff", "HEAD")
    assert "main.py" in Repository(repository).files
    git.committed(repository, "main.py", checked_out=True)
    assert git.restoring(repository, "main.py") == "git checkout HEAD -- main.py"
    git.holds(repository, "check-ignore", "--quiet", "--", "main.py")
    for listing in ("-v", "--unmerged", "--error-unmatch"):
        git.output(repository, "ls-files", "-z", listing, "--", "main.py")
    assert git.line(repository, "symbolic-ref", "--short", "HEAD") == "main"
    assert git.line(repository, "config", "user.name") != program
    assert git.line(repository, "rev-parse", "--show-prefix") == ""
    git.output(repository, "reset", "--quiet", "--", ".")
    assert not trace.exists()


def test_a_preview_runs_nothing_and_copier_neither(
    template: Path, tmp_path: Path
) -> None:
    """The whole command, in a repository that names a program for everything."""
    project = full_stack(tmp_path / "project")
    commit_all(project)
    program, trace = trap(tmp_path)
    for way in (by_process, by_filter, by_hook, by_watcher, by_hooks_folder):
        way(project, program)
    touch_all(project)
    result = copy(template, project, "-d", "auth_apply_edits=preview")
    assert result.returncode == 0, result.stderr
    assert not trace.exists()


def test_the_users_own_filter_counts(tmp_path: Path) -> None:
    """One that all repositories share, as that of large files, is no stranger's."""
    repository = small(tmp_path / "repository")
    settings = tmp_path / "settings"
    settings.write_text('[filter "large"]\n\tclean = sed s/fetched/pointer/\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        (repository / ".gitattributes").write_text("*.bin filter=large\n")
        (repository / "a.bin").write_text("fetched\n")
        commit_all(repository)
        plain_git(repository, "config", "filter.large.clean", "false")
        touch_all(repository)
        assert plain_git(repository, "status", "--porcelain") != ""
        assert git.changes(repository) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("color.ui", "always"),
        ("color.status", "always"),
        ("core.quotePath", "false"),
        ("status.showUntrackedFiles", "no"),
        ("status.branch", "true"),
        ("status.short", "true"),
        ("status.renames", "copies"),
        ("status.relativePaths", "true"),
        ("core.untrackedCache", "true"),
    ],
)
def test_no_setting_changes_what_is_read(tmp_path: Path, name: str, value: str) -> None:
    """Names arrive as they are, whatever the user likes to see."""
    repository = small(tmp_path / "repository")
    plain_git(repository, "config", name, value)
    (repository / "ein Stück\n\x1b[31m.py").write_text("x = 1\n")
    plain_git(repository, "mv", "main.py", "renamed.py")
    assert sorted(git.changes(repository)) == [
        ("??", "ein Stück\n\x1b[31m.py"),
        ("A ", "renamed.py"),
        ("D ", "main.py"),
    ]


def test_paths_of_a_folder_are_relative_to_it(tmp_path: Path) -> None:
    """In a monorepo, what a person types there is what is shown."""
    repository = small(tmp_path / "repository")
    (repository / "services/shop").mkdir(parents=True)
    (repository / "services/shop/new.py").write_text("x = 1\n")
    (repository / "services/shop/old.py").write_text("x = 1\n")
    plain_git(repository, "add", "services/shop/old.py")
    assert sorted(git.changes(repository / "services/shop")) == [
        ("??", "new.py"),
        ("A ", "old.py"),
    ]


def test_variables_of_another_repository_are_not_followed(tmp_path: Path) -> None:
    """A hook that starts us has ``GIT_DIR`` set; the folder that was named counts."""
    one, other = small(tmp_path / "one"), small(tmp_path / "other")
    (one / "new.py").write_text("x = 1\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_DIR", str(other / ".git"))
        patch.setenv("GIT_WORK_TREE", str(other))
        patch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
        assert git.changes(one) == [("??", "new.py")]


def break_index(repository: Path) -> None:
    """An index that git cannot read."""
    (repository / ".git/index").write_text("garbage")


def break_config(repository: Path) -> None:
    """A configuration that git cannot read."""
    (repository / ".git/config").write_text("[core\n")


def break_repository(repository: Path) -> None:
    """A folder that was a repository."""
    (repository / ".git/HEAD").unlink()


def break_link(repository: Path) -> None:
    """A work tree whose repository is gone."""
    shutil.rmtree(repository / ".git")
    (repository / ".git").write_text("gitdir: /nowhere/else\n")


def give_away(repository: Path) -> None:
    """A repository of another user, as one that a container has mounted."""
    for path in (repository, *repository.rglob("*")):
        os.chown(path, 54321, 54321)


FAULTS = [
    (break_index, "index"),
    (break_config, "bad config"),
    (break_repository, "not a git repository"),
    (break_link, "/nowhere/else"),
]
if os.geteuid() == 0:
    FAULTS.append((give_away, "git config --global --add safe.directory"))


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_a_failing_git_is_no_clean_tree(
    copies: Copies, tmp_path: Path, fault: Callable[[Path], None], words: str
) -> None:
    """Git's own error in one line, before anything is written, by every command."""
    project = copies.into(tmp_path / "project", of=full_stack)
    commit_all(project)
    (project / "unsaved.py").write_text("x = 1\n")
    fault(project)
    with pytest.raises(EnvironmentProblem, match=words):
        check_clean(project)
    for call in (["doctor"], ["doctor", "--check", "BA012"], ["discover"]):
        result = subprocess.run(
            [OWN, *call, project], capture_output=True, text=True, check=False
        )
        assert result.returncode == 1
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        assert words in result.stderr


@pytest.mark.parametrize("fault", [break_index, break_repository])
def test_a_copy_stops_where_git_fails(
    template: Path, tmp_path: Path, fault: Callable[[Path], None]
) -> None:
    """Before the first question, with nothing written, dirty or not."""
    project = full_stack(tmp_path / "project")
    commit_all(project)
    fault(project)
    before = sorted(project.rglob("*"))
    for options in ((), ("-d", "auth_allow_dirty=true")):
        result = copy(template, project, *options)
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
        assert "git: " in result.stderr.splitlines()[-1]
    assert sorted(project.rglob("*")) == before


def test_a_folder_outside_git_is_fine(tmp_path: Path) -> None:
    """Also below an empty ``.git``, which git passes over."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / ".git").mkdir()
    (folder / "main.py").write_text("x = 1\n")
    assert git.changes(folder) == []
    assert git.holds(folder, "check-ignore", "--quiet", "--", "main.py") is None
    assert Repository(folder).files == ("main.py",)
