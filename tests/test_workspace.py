"""All or nothing: a plan that cannot be applied whole leaves every file as it was."""

from __future__ import annotations

import base64
import contextlib
import re
import threading
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.errors import ApplyError, DriftError, NothingToUndoError
from copier_better_auth.model import FileEdit, Plan
from copier_better_auth.workspace import Workspace
from support.faulty import FAILED, KILLED, STOPPED, Faulty, faulty_runs, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        Workspace(tmp_path).apply(plan)
    assert files(tmp_path) == before


def test_a_file_that_changed_while_planning_stops_the_run(tmp_path: Path) -> None:
    """The whole plan is refused, the file that drifted named."""
    (tmp_path / "a.py").write_bytes(b"a\n")
    (tmp_path / "b.py").write_bytes(b"changed\n")
    before = files(tmp_path)
    plan = Plan(edits=(edit("a.py", b"a\n", b"A\n"), edit("b.py", b"b\n", b"B\n")))
    with pytest.raises(DriftError, match=r"b\.py"):
        Workspace(tmp_path).apply(plan)
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
        Workspace(root).apply(Plan(edits=(edit(path, b"theirs\n", b"ours\n"),)))
    if kind == "folder":
        with pytest.raises(DriftError, match="leads out of the repository"):
            Workspace(root).add([edit("app/new.md", None, b"ours\n")])
    assert files(outside) == {"main.py": b"theirs\n"}


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    """Runs that end at a step of the test's choice."""
    yield from faulty_runs()


def visible(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its mode, but those on their way, which git ignores."""
    staged = re.compile(r"\.copier-better-auth-\w{16}/")
    return {
        path: (data, (root / path).stat().st_mode)
        for path, data in files(root).items()
        if not staged.match(path)
    }


def without_kept(seen: dict[str, tuple[bytes, int]]) -> dict[str, tuple[bytes, int]]:
    """The same without the secrets that an undo has put aside, which git ignores."""
    return {path: it for path, it in seen.items() if ".copier-better-auth/" not in path}


def assert_secrets_are_private(root: Path) -> None:
    """Whatever file a secret is in, other users of the machine cannot read it."""
    encoded = base64.b64encode(b"SECRET=before\n")
    for path in (found for found in root.rglob("*") if found.is_file()):
        data, mode = path.read_bytes(), path.stat().st_mode
        if b"SECRET=" in data or encoded in data:
            assert mode & 0o077 == 0, path


@pytest.mark.parametrize("fault", ["kill", "fail"])
def test_a_fault_at_any_step_leaves_before_or_after(
    tmp_path: Path, faulty: Faulty, fault: str
) -> None:
    """Killed at a step, or unable to write: all of it is there, or none."""
    before = visible(prepared(tmp_path / "before"))
    assert faulty(prepared(tmp_path / "after")) == 0
    after = visible(tmp_path / "after")
    assert after != before
    seen = set()
    for step in range(1, 1000):
        root = prepared(tmp_path / f"{fault}-{step}")
        code = faulty(root, fault, step)
        if code == 0:
            break
        now = visible(root)
        assert_secrets_are_private(root)
        assert now in (before, after), f"between, at step {step}"
        assert now == before or code != FAILED
        seen.add(now == before)
        if now == after:
            Workspace(root).undo()
            assert without_kept(visible(root)) == before
    assert step > 20
    assert True in seen


@pytest.mark.parametrize("fault", ["down", "undo-down"])
def test_what_nothing_watched_is_put_back_by_the_next_run(
    tmp_path: Path, faulty: Faulty, fault: str
) -> None:
    """A machine that went down half-way: the next run begins with what was before."""
    before = visible(prepared(tmp_path / "before"))
    seen: set[bool] = set()
    for step in range(5, 41, 5):
        root = prepared(tmp_path / str(step))
        if fault == "undo-down":
            assert faulty(root) == 0
        then = visible(root)
        assert faulty(root, fault, step) == KILLED
        seen.add(visible(root) == then)
        assert_secrets_are_private(root)
        Workspace(root).apply(Plan())
        assert visible(root) == then, f"at step {step}"
        if fault == "undo-down":
            Workspace(root).undo()
            assert without_kept(visible(root)) == before
    assert False in seen


def test_what_was_changed_after_a_killed_run_is_not_put_back(
    tmp_path: Path, faulty: Faulty
) -> None:
    """The user's own lines are worth more than a run's; they are named."""
    steps = iter(range(20, 60))
    written = ""
    while not written:
        step = next(steps)
        root = prepared(tmp_path / str(step))
        assert faulty(root, "down", step) == KILLED
        there = (name for name in ("a.py", "c.py") if (root / name).exists())
        written = next((n for n in there if (root / n).read_bytes().isupper()), "")
    (root / written).write_bytes(b"mine\n")
    now = visible(root)
    for run in (Workspace(root).recover, Workspace(root).undo):
        with pytest.raises(DriftError, match=re.escape(written)):
            run()
    assert visible(root) == now
    (root / written).write_bytes(f"{written[0]}\n".encode())
    assert Workspace(root).recover()
    assert visible(root) == visible(prepared(tmp_path / "before"))


def test_ctrl_c_takes_back_at_once(tmp_path: Path, faulty: Faulty) -> None:
    """It is no failure to write, and leaves as little."""
    before = visible(prepared(tmp_path / "before"))
    for step in range(5, 41, 4):
        root = prepared(tmp_path / str(step))
        assert faulty(root, "Ctrl-C", step) == STOPPED
        assert visible(root) == before


def test_one_undo_after_another(tmp_path: Path) -> None:
    """A repair after a copy is its own run; both can be taken back, in turn."""
    root = prepared(tmp_path / "root")
    workspace = Workspace(root)
    before = visible(root)
    workspace.apply(Plan(edits=(edit("a.py", b"a\n", b"A\n"),)))
    between = visible(root)
    workspace.apply(Plan(edits=(edit("a.py", b"A\n", b"AA\n"),)))
    assert workspace.undo() == ("a.py",)
    assert visible(root) == between
    assert workspace.undo() == ("a.py",)
    assert visible(root) == before
    with pytest.raises(NothingToUndoError):
        workspace.undo()


@pytest.mark.parametrize(("fault", "first"), [("undo-kill", 1), ("undo-fail", 2)])
def test_an_undo_at_any_fault_is_whole_or_none(
    tmp_path: Path, faulty: Faulty, fault: str, first: int
) -> None:
    """At whatever step: the second one ends where the first was going."""
    before = visible(prepared(tmp_path / "before"))
    for step in range(first, 1000, 2):
        root = prepared(tmp_path / str(step))
        assert faulty(root) == 0
        after = visible(root)
        code = faulty(root, fault, step)
        now = visible(root)
        assert now == after or without_kept(now) == before, f"at step {step}"
        assert_secrets_are_private(root)
        if code == 0:
            break
        with contextlib.suppress(NothingToUndoError):
            Workspace(root).undo()
        assert without_kept(visible(root)) == before, f"at step {step}"
    assert step > 10
    assert visible(root)["new/.copier-better-auth/.env"][0] == b"SECRET=new\n"


def test_whoever_comes_meanwhile_waits(tmp_path: Path) -> None:
    """Two runs take turns, and leave nothing behind that they locked."""
    root = prepared(tmp_path / "root")
    before = files(root)
    Workspace(root).apply(Plan(edits=(edit("a.py", b"a\n", b"A\n"),)))
    other = threading.Thread(target=Workspace(root).undo)
    with Workspace(root).locked():
        other.start()
        other.join(0.3)
        assert (root / "a.py").read_bytes() == b"A\n"
    other.join(5)
    assert files(root) == before
