"""Two runs at once in one folder: one of them waits or is refused, none is mixed up."""

from __future__ import annotations

import fcntl
import subprocess
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.errors import BusyError
from copier_better_auth.workspace.paths import Tree
from copier_better_auth.workspace.run_lock import hold_run_lock
from copier_better_auth.workspace.undo_store import UndoStore
from support.copier_cli import COPIER
from support.repositories import flat
from support.template import git
from test_undo import COMMAND, undo

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies


def at_once(folder: Path, *commands: list[str | Path]) -> list[tuple[int, str]]:
    """Start commands in one moment; return how each ended and what it said."""
    started = [
        subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    said = [process.communicate(timeout=120)[0] for process in started]
    return [(p.returncode, text) for p, text in zip(started, said, strict=True)]


@pytest.mark.parametrize("kind", ["repository", "folder", "new"])
def test_two_copies(template: Path, tmp_path: Path, kind: str) -> None:
    """In a repository, in a folder outside git, and in one that neither has made."""
    project = tmp_path / "shop"
    if kind == "repository":
        flat(project)
    elif kind == "folder":
        project.mkdir()
    command = [COPIER, "copy", "--defaults", "--trust", template, "shop"]
    ended = at_once(tmp_path, command, command)
    assert 0 in [code for code, _ in ended], ended
    for code, said in ended:
        assert "Traceback" not in said
        refused = "uncommitted changes" in said or "another run is at work" in said
        assert refused is (code != 0), said
    records = sorted(path.name[:4] for path in project.glob("history/prompts/*/*.md"))
    assert records == ["0001", "0002", "0003"]
    assert undo(project).returncode == 0
    assert list(project.glob("history")) == []
    if kind == "repository":
        assert git(project, "status", "--porcelain") == ""


def test_a_copy_and_an_undo(copies: Copies, tmp_path: Path) -> None:
    """What the one leaves is whole for the other."""
    project = copies.into(tmp_path / "project", of=flat)
    before = (project / "main.py").read_bytes()
    command = [COPIER, "copy", "--defaults", "--trust", copies.template, "."]
    ended = at_once(project, [COMMAND, "undo", "--yes"], command)
    assert [said for code, said in ended if code and "uncommitted" not in said] == []
    if (project / "auth-server/package.json").exists():
        assert undo(project).returncode == 0
    assert (project / "main.py").read_bytes() != before
    assert git(project, "status", "--porcelain") == ""


def test_a_run_that_does_not_end(tmp_path: Path) -> None:
    """It is named after a while; the folder is not touched."""
    path = UndoStore(Tree(tmp_path).root).lock_file
    with path.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="another run is at work here"):
            hold_run_lock(tmp_path, patience=0.2)
    assert list(tmp_path.iterdir()) == []
