"""An update keeps its user's lines, whatever git is set to, and says where they are."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.updates.own_lines import _is_undone, _lost
from support.copier_cli import COPIER, update
from support.repositories import full_stack
from support.template import commit_all, git
from test_update import FIRST, both_releases, projects  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.copies import Copies

MINE = "// Mine: asked for by Ada."
# Those of one update are of different kinds, so that none takes another's place.
SETTINGS = {
    "accepted": {
        "apply.whitespace": "error",
        "apply.ignoreWhitespace": "change",
        "core.safecrlf": "true",
        "commit.gpgSign": "true",
    },
    "printed": {
        "status.showUntrackedFiles": "no",
        "color.ui": "always",
        "diff.noprefix": "true",
        "diff.suppressBlankEmpty": "true",
        "core.quotePath": "false",
    },
    "compared": {
        "apply.whitespace": "fix",
        "diff.mnemonicPrefix": "true",
        "core.bigFileThreshold": "1",
        "merge.conflictStyle": "diff3",
    },
    "left out": {
        "core.excludesFile": "ignore-all",
        "core.attributesFile": "binary-all",
    },
    "run": {
        "diff.external": "false",
        "core.hooksPath": "hooks",
        "init.templateDir": "templates",
    },
}


@pytest.fixture
def edited(projects: Copies, tmp_path: Path) -> Path:  # noqa: F811
    """A project with a line of its user's where the release changes nothing near."""
    project = projects.into(tmp_path / "project", *FIRST, of=full_stack)
    health = project / "auth-server/src/health.ts"
    health.write_text(f"{health.read_text()}{MINE}  \n")
    example = project / "auth-server/.env.example"
    example.write_text(f"{example.read_text()}\nMINE=1\n")
    commit_all(project)
    return project


def conflict(project: Path) -> Path:
    """A line of the user's where the release has one too."""
    health = project / "auth-server/src/health.ts"
    health.write_text(f"{MINE}\n{health.read_text()}")
    commit_all(project)
    return health


def machine(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """What a user's own configuration says, and the files that it names."""
    files = {
        "ignore-all": "*.ts\n.env*\n",
        "binary-all": "*.ts binary\n* -diff\n",
        "hooks/pre-commit": "#!/bin/sh\nexit 1\n",
        "templates/hooks/pre-commit": "#!/bin/sh\nexit 1\n",
        "templates/info/exclude": "*.ts\n",
    }
    for name, text in files.items():
        path = folder / "named" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    configuration = folder / "settings"
    for name, value in settings.items():
        path = folder / "named" / value
        named = str(path) if path.exists() else value
        git(folder, "config", "--file", str(configuration), name, named)
    return {"GIT_CONFIG_GLOBAL": str(configuration)}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_no_setting_of_git_loses_a_line(
    edited: Path, tmp_path: Path, settings: Mapping[str, str]
) -> None:
    """The user's line and the release's are there, with no mark around either."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, text in machine(tmp_path, settings).items():
            patch.setenv(variable, text)
        result = update(edited)
    assert result.returncode == 0, result.stderr
    health = (edited / "auth-server/src/health.ts").read_text()
    assert health.startswith("// How platforms ask")
    assert health.endswith(f"{MINE}  \n")
    assert health.count(MINE) == 1
    assert "MINE=1\n" in (edited / "auth-server/.env.example").read_text()
    number = health.count("\n")
    assert f"  auth-server/src/health.ts: line {number} merged in" in result.stdout
    # By git itself: nothing had to be repaired afterwards.
    assert "brings back lines of yours" not in result.stdout
    assert not list(edited.rglob("*.rej"))
    assert git(edited, "stash", "list") == ""


def test_no_setting_of_git_hides_a_conflict(edited: Path, tmp_path: Path) -> None:
    """Marked in the file, first in every list, and the exit code says so."""
    settings = {
        "status.showUntrackedFiles": "no",
        "core.excludesFile": "ignore-all",
        "color.status": "always",
    }
    health = conflict(edited)
    (edited / ".gitignore").write_text("*.rej\n")
    commit_all(edited)
    with pytest.MonkeyPatch.context() as patch:
        for variable, text in machine(tmp_path, settings).items():
            patch.setenv(variable, text)
        result = update(edited)
    assert_conflict_is_said(edited, health, result)


def assert_conflict_is_said(
    project: Path, health: Path, result: subprocess.CompletedProcess[str]
) -> None:
    """Both texts are between marks, and nothing says that all is well."""
    text = health.read_text()
    assert re.search(rf"<<<<<<< before updating\n{MINE}\n", text)
    assert "// How platforms ask" in text
    assert result.returncode != 0
    said = result.stdout
    assert "Nothing to change" not in said
    assert not re.search(r"Diagnostics: \d+ passed\.", said)
    assert "auth-server/src/health.ts: line 2 in a conflict" in said or (
        re.search(r"health\.ts: .*line 2 in a conflict", said)
    )
    listed = said.index("  1. auth-server/src/health.ts: choose between the marked")
    assert listed < said.index("  2. ")
    assert said.index("  CONFLICT auth-server/src/health.ts") < said.index("Changed,")
    assert "1 file has a conflict" in said.splitlines()[-1]
    assert "BA016" in said
    assert not list(project.rglob("*.rej"))


def test_a_conflict_is_the_first_thing_left(edited: Path) -> None:
    """Lists, diagnostics, last words and exit code; choosing ends it."""
    health = conflict(edited)
    assert_conflict_is_said(edited, health, update(edited))
    doctor = [COPIER.with_name("copier-better-auth"), "doctor", "--check", "BA016"]
    found = subprocess.run(
        doctor, cwd=edited, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "auth-server/src/health.ts:1" in found.stdout
    kept = [n for n in health.read_text().splitlines() if n[:7] not in MARKS]
    health.write_text("\n".join(kept) + "\n")
    assert subprocess.run(doctor, cwd=edited, check=False).returncode == 0


MARKS = {sign * 7 for sign in "<|=>"}


def test_rejected_parts_are_a_conflict(edited: Path) -> None:
    """With ``--conflict rej`` the user's lines are in a file that is listed."""
    conflict(edited)
    (edited / ".gitignore").write_text("*.rej\n")
    commit_all(edited)
    result = update(edited, "--conflict", "rej")
    assert result.returncode != 0
    rejected = "auth-server/src/health.ts.rej"
    assert MINE in (edited / rejected).read_text()
    assert "  CONFLICT auth-server/src/health.ts: what could not" in result.stdout
    assert f"then rm {rejected}" in result.stdout


def test_edits_of_a_file_that_is_rendered_no_more_stay(edited: Path) -> None:
    """Another strategy takes a module away, but not what its user has put into it."""
    sessions = edited / "backend/app/auth/sessions.py"
    sessions.write_text(f"{sessions.read_text()}\nOURS = 1\n")
    kept = sessions.read_bytes()
    commit_all(edited)
    result = update(edited, "-d", "auth_session_validation=jwt")
    assert result.returncode == 0, result.stderr
    assert sessions.read_bytes() == kept
    assert "backend/app/auth/sessions.py: is not rendered any more" in result.stdout


def test_edits_of_files_that_git_ignores_stay(edited: Path) -> None:
    """Neither removed nor written over, and the news arrives."""
    (edited / ".gitignore").write_text("auth-server/src/health.ts\nSETUP.md\n")
    git(edited, "rm", "--quiet", "--cached", "auth-server/src/health.ts")
    git(edited, "rm", "--quiet", "--cached", "auth-server/SETUP.md")
    guide = edited / "auth-server/SETUP.md"
    guide.write_text(f"{guide.read_text()}\nOur own way.\n")
    kept = guide.read_text()
    commit_all(edited)
    result = update(edited)
    assert result.returncode == 0, result.stderr
    assert guide.read_text() == kept
    health = (edited / "auth-server/src/health.ts").read_text()
    assert health.startswith("// How platforms ask")
    assert MINE in health
    undo = [COPIER.with_name("copier-better-auth"), "undo", "--yes"]
    assert subprocess.run(undo, cwd=edited, check=False).returncode == 0
    assert (edited / "auth-server/src/health.ts").read_text().count(MINE) == 1
    assert guide.read_text() == kept


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_hidden_edits_stop_an_update(edited: Path, flag: str) -> None:
    """Git does not look at them, and so Copier would write over them."""
    app = edited / "auth-server/src/app.ts"
    git(edited, "update-index", flag, "auth-server/src/app.ts")
    app.write_text(f"{MINE}\n{app.read_text()}")
    before = app.read_bytes()
    result = update(edited)
    assert result.returncode == 1
    assert "auth-server/src/app.ts: changed, and git was told" in result.stderr
    assert "Traceback" not in result.stderr
    assert app.read_bytes() == before
    assert git(edited, "status", "--porcelain") == ""


def test_a_line_that_would_be_lost_takes_the_update_back(
    edited: Path, tmp_path: Path
) -> None:
    """Where not even a merge by content is to be had, all is as it was."""
    conflict(edited)
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\nfor word; do [ "$word" = apply ] && exec cat > /dev/null\n'
        '[ "$word" = merge-file ] && exit 0\ndone\nexec /usr/bin/git "$@"\n'
    )
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        result = update(edited)
    assert result.returncode == 1
    assert "lines of yours would be lost by this update" in result.stderr
    assert git(edited, "status", "--porcelain") == ""


def test_what_git_would_not_apply_is_merged_again(edited: Path, tmp_path: Path) -> None:
    """A git that throws the patch away, and says that all went well."""
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\nfor word; do [ "$word" = apply ] && exec cat > /dev/null\n'
        'done\nexec /usr/bin/git "$@"\n'
    )
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        result = update(edited)
    assert result.returncode == 0, result.stderr
    health = (edited / "auth-server/src/health.ts").read_text()
    assert health.startswith("// How platforms ask")
    assert health.endswith(f"{MINE}  \n")
    assert "MINE=1" in (edited / "auth-server/.env.example").read_text()
    assert "brings back lines of yours" in result.stdout


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "now", "lost"),
    [
        ("a\n", "a\nb\n", "a\nc\n", "a\nb\nc\n", []),
        ("a\n", "a\nb\n", "a\nc\n", "a\nc\n", ["b"]),
        ("a\n", "a\nb\n", "a\nb\n", "a\nb\n", []),
        ("a\n", "a\na\n", "", "a\n", []),
        ("a\n", "a\na\na\n", "a\n", "a\na\n", ["a"]),
        ("", "b\r\n", "", "b\n", []),
    ],
)
def test_lines_are_counted(
    base: str, theirs: str, ours: str, now: str, lost: list[str]
) -> None:
    """What the release takes away may go; what the user added may not."""
    texts = [text.encode() for text in (base, theirs, ours, now)]
    assert _lost(*texts) == [line.encode() for line in lost]


def test_a_removed_line_that_comes_back_is_noticed() -> None:
    """To take a line away is an edit too."""
    assert _is_undone(b"a\nb\n", b"a\n", b"a\nb\nc\n", b"a\nb\nc\n")
    assert not _is_undone(b"a\nb\n", b"a\n", b"a\nb\nc\n", b"a\nc\n")
    assert not _is_undone(b"a\nb\n", b"a\n", b"a\nb\nb\n", b"a\nb\n")
