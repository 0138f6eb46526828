"""All or nothing: a plan that cannot be applied whole leaves every file as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.errors import ApplyError, DriftError
from copier_better_auth.model import FileEdit, Plan
from copier_better_auth.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def edit(path: str, before: bytes | None, after: bytes | None) -> FileEdit:
    return FileEdit(path=path, before=before, after=after, why=("a test",))


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_write_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    """The second target lies below a file, where no folder can be made."""
    (tmp_path / "main.py").write_bytes(b"one\n")
    before = files(tmp_path)
    plan = Plan(
        edits=(edit("main.py", b"one\n", b"two\n"), edit("main.py/x", None, b"new\n"))
    )
    with pytest.raises(ApplyError, match="nothing was changed"):
        Workspace(tmp_path, "auth-server").apply(plan)
    assert files(tmp_path) == before


def test_a_file_that_changed_while_planning_stops_the_run(tmp_path: Path) -> None:
    """The whole plan is refused, the file that drifted named."""
    (tmp_path / "a.py").write_bytes(b"a\n")
    (tmp_path / "b.py").write_bytes(b"changed\n")
    before = files(tmp_path)
    plan = Plan(edits=(edit("a.py", b"a\n", b"A\n"), edit("b.py", b"b\n", b"B\n")))
    with pytest.raises(DriftError, match=r"b\.py"):
        Workspace(tmp_path, "auth-server").apply(plan)
    assert files(tmp_path) == before


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_nothing_is_written_through_a_link(tmp_path: Path, kind: str) -> None:
    """A link out of the repository is refused, and what it points to is unharmed."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "main.py").write_bytes(b"theirs\n")
    if kind == "file":
        (root / "main.py").symlink_to(outside / "main.py")
    else:
        (root / "app").symlink_to(outside)
    path = "main.py" if kind == "file" else "app/main.py"
    with pytest.raises(DriftError, match="leads out of the repository"):
        Workspace(root, "auth-server").apply(
            Plan(edits=(edit(path, b"theirs\n", b"ours\n"),))
        )
    assert (outside / "main.py").read_bytes() == b"theirs\n"


def test_a_killed_run_is_put_back_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two files: the next run restores the first before it plans."""
    (tmp_path / "a.py").write_bytes(b"a\n")
    (tmp_path / "b.py").write_bytes(b"b\n")
    before = files(tmp_path)
    plan = Plan(edits=(edit("a.py", b"a\n", b"A\n"), edit("b.py", b"b\n", b"B\n")))

    def killed(*_: object) -> None:
        (tmp_path / "a.py").write_bytes(b"A\n")
        raise KeyboardInterrupt

    workspace = Workspace(tmp_path, "auth-server")
    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "_write_all", killed)
        with pytest.raises(KeyboardInterrupt):
            workspace.apply(plan)
    assert Workspace(tmp_path, "auth-server").recover()
    assert files(tmp_path) == before
