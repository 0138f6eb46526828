"""A run can be taken back, byte for byte, unless a user has worked on it since."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import copy
from support.repositories import build, flat, full_stack
from support.template import commit_all, git
from support.terminal import at_a_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.copies import Copies

COMMAND = Path(sys.executable).parent / "copier-better-auth"


def undo(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a script does."""
    return subprocess.run(
        [COMMAND, "undo", *(options or ("--yes",))],
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def snapshot(project: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes and mode, outside git and of what an undo keeps."""
    apart = {".git", ".copier-better-auth"}
    return {
        str(path.relative_to(project)): (path.read_bytes(), path.stat().st_mode)
        for path in sorted(project.rglob("*"))
        if path.is_file() and not apart & {*path.relative_to(project).parts}
    }


@pytest.mark.parametrize("shape", [flat, full_stack])
def test_undo_restores_every_byte(
    copies: Copies, tmp_path: Path, shape: Callable[[Path], Path]
) -> None:
    """Edited files are as before, new ones are gone, and git sees nothing."""
    before = snapshot(shape(tmp_path / "before"))
    project = copies.into(tmp_path / "project", of=shape)
    assert snapshot(project) != before
    result = undo(project)
    assert result.returncode == 0, result.stderr
    assert snapshot(project) == before
    assert git(project, "status", "--porcelain") == ""
    said = dict(reversed(line.split()[:2]) for line in result.stdout.splitlines()[:-1])
    assert said.pop("auth-server/.env") == "kept"
    assert said == {p: "restored" if p in before else "removed" for p in said}
    assert set(said.values()) == {"restored", "removed"}


def test_undo_empties_a_new_project(copies: Copies, tmp_path: Path) -> None:
    """What was rendered goes too, edited by the run or not."""
    copies.into(tmp_path)
    result = undo(tmp_path)
    assert result.returncode == 0, result.stderr
    assert snapshot(tmp_path) == {}


def test_undo_names_what_came_later(copies: Copies, tmp_path: Path) -> None:
    """Packages and a database are not its own to delete; git ignores them as before."""
    copies.into(tmp_path)
    (tmp_path / "auth-server/node_modules").mkdir()
    (tmp_path / "auth-server/.data/postgres").mkdir(parents=True)
    said = undo(tmp_path).stdout
    assert "rm -r auth-server/.data auth-server/node_modules\n" in said
    assert (tmp_path / "auth-server/.data/postgres").is_dir()
    git(tmp_path, "init", "--quiet")
    assert git(tmp_path, "status", "--porcelain", "--untracked-files=all") == ""


@pytest.mark.parametrize("made", [[], [".data/postgres", "node_modules", "dist"]])
def test_secrets_and_data_are_there_for_the_next_copy(
    copies: Copies, tmp_path: Path, made: list[str]
) -> None:
    """The database's password comes back, and git never sees what was kept."""
    project = copies.into(tmp_path / "project", of=full_stack)
    server = project / "auth-server"
    with (server / ".env").open("a") as env:
        env.write("GOOGLE_CLIENT_SECRET=typed-in-later\n")
    secret = (server / ".env").read_bytes()
    for folder in made:
        (server / folder).mkdir(parents=True)
        (server / folder / "file").write_bytes(b"data\n")
    assert undo(project).returncode == 0
    git(project, "add", "--all")
    assert git(project, "status", "--porcelain") == ""
    assert all((server / f / "file").read_bytes() == b"data\n" for f in made)
    for _ in range(2):
        again = copy(copies.template, project)
        assert again.returncode == 0, again.stderr
        assert b"typed-in-later" not in again.stdout.encode()
        assert (server / ".env").read_bytes() == secret
        assert (server / ".env").stat().st_mode & 0o777 == 0o600
        assert all((server / f / "file").read_bytes() == b"data\n" for f in made)
        assert undo(project).returncode == 0
        assert git(project, "status", "--porcelain") == ""


def test_what_is_kept_is_kept_from_git(template: Path, tmp_path: Path) -> None:
    """A repository may bring the folder along, with rules that show what is in it."""
    project = full_stack(tmp_path / "project")
    planted = project / "auth-server/.copier-better-auth/.gitignore"
    planted.parent.mkdir(parents=True)
    planted.write_text("!*\n")
    commit_all(project)
    options = ("-d", "auth_server_dir=auth-server")
    assert copy(template, project, *options).returncode == 0
    assert undo(project).returncode == 0
    git(project, "add", "--all")
    assert git(project, "status", "--porcelain") == ""
    assert len([*project.glob("auth-server/*/.env")]) == 1


@pytest.mark.parametrize("typed", ["y", "", "no"])
def test_undo_asks(copies: Copies, tmp_path: Path, typed: str) -> None:
    """It says what it will do, and does it where a person agrees."""
    project = copies.into(tmp_path / "project", of=flat)
    before = snapshot(project)
    command, keys = f"{COMMAND} undo || true", {"Take this back?": f"{typed}\r"}
    printed = at_a_terminal(command, project, os.environ, 60, keys)
    assert "restore   main.py" in printed
    assert "keep      auth-server/.env" in printed
    assert ("is undone" in printed) is (typed == "y")
    assert ("Nothing was changed." in printed) is (typed != "y")
    assert (snapshot(project) == before) is (typed != "y")


def test_undo_asks_nobody_where_there_is_no_terminal(
    copies: Copies, tmp_path: Path
) -> None:
    """One line that says what to type, and nothing is changed."""
    project = copies.into(tmp_path / "project", of=flat)
    before = snapshot(project)
    result = undo(project, ".")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "undo --yes" in result.stderr
    assert snapshot(project) == before


def test_undo_twice_is_refused(copies: Copies, tmp_path: Path) -> None:
    """The second has nothing to take back, and says so in one line."""
    copies.into(tmp_path, of=flat)
    assert undo(tmp_path).returncode == 0
    again = undo(tmp_path)
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1


def test_undo_keeps_later_work(copies: Copies, tmp_path: Path) -> None:
    """A file that was changed since is named, and nothing at all is touched."""
    copies.into(tmp_path, of=flat)
    main = tmp_path / "main.py"
    main.write_text(f"{main.read_text()}\nVERSION = 1\n")
    before = snapshot(tmp_path)
    result = undo(tmp_path)
    assert result.returncode == 1
    assert "main.py" in result.stderr
    assert snapshot(tmp_path) == before


def test_line_endings_marks_and_modes_survive(template: Path, tmp_path: Path) -> None:
    """CRLF, a byte order mark, no final newline and an odd mode, there and back."""
    text = "\ufefffrom fastapi import FastAPI\r\n\r\napp = FastAPI()  # ünïcode"
    build(tmp_path, {"requirements.txt": "fastapi\n"})
    main = tmp_path / "main.py"
    main.write_bytes(text.encode())
    main.chmod(0o700)
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "odd")
    before = snapshot(tmp_path)
    assert copy(template, tmp_path).returncode == 0
    edited = main.read_bytes()
    assert edited.startswith("\ufeff".encode())
    assert b"include_router(auth_router)" in edited
    assert edited.count(b"\n") == edited.count(b"\r\n")
    assert main.stat().st_mode & 0o777 == 0o700
    assert undo(tmp_path).returncode == 0
    assert snapshot(tmp_path) == before


def test_a_preview_shows_and_edits_nothing(template: Path, tmp_path: Path) -> None:
    """The plan with its diff is printed; every file of the user's stays as it was."""
    flat(tmp_path)
    result = copy(template, tmp_path, "-d", "auth_apply_edits=preview")
    assert result.returncode == 0, result.stderr
    assert "not applied (preview)" in result.stdout
    assert "+app.include_router(auth_router)" in result.stdout
    assert git(tmp_path, "diff", "--name-only") == ""
    assert not (tmp_path / "auth-server/.env").exists()
    assert "BETTER_AUTH_SECRET=" not in result.stdout
    assert undo(tmp_path).returncode == 0
    assert git(tmp_path, "status", "--porcelain", "--ignored") == ""
    assert list(tmp_path.glob("auth-server")) == []
