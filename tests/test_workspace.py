"""All or nothing: a plan that cannot be applied whole leaves every file as it was."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.errors import ApplyError, DriftError, NothingToUndoError
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
    if kind == "folder":
        with pytest.raises(DriftError, match="leads out of the repository"):
            Workspace(root, "auth-server").add([edit("app/new.md", None, b"ours\n")])
    assert files(outside) == {"main.py": b"theirs\n"}


def committed_record(root: Path, *changes: str, moved: str = "") -> Path:
    """A record that came with the repository: it says that a run was killed."""
    state = root / "auth-server/.copier-better-auth"
    state.mkdir(parents=True)
    evil = base64.b64encode(b"evil\n").decode()
    record = {
        "state": "applying",
        "changes": [
            {"path": path, "before": evil, "mode": 0o755, "after": None}
            for path in changes
        ],
        "moves": [{"path": moved, "to": "theirs"}] if moved else [],
    }
    (state / "last-run.json").write_text(json.dumps(record))
    return state


@pytest.mark.parametrize(
    "path",
    ["{outside}/new", "../outside/new", "linked/new", ".git/hooks/pre-commit", "moved"],
)
def test_a_record_of_somebody_else_reaches_nothing_of_ours(
    tmp_path: Path, path: str
) -> None:
    """Who gives us a repository could else write to our home, or run at a commit."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (root / ".git/hooks").mkdir(parents=True)
    (root / "linked").symlink_to(outside)
    (root / "theirs").write_bytes(b"evil\n")
    if path == "moved":
        committed_record(root, moved="../outside/new")
    else:
        committed_record(root, path.format(outside=outside))
    before = files(tmp_path)
    workspace = Workspace(root, "auth-server")
    for run in (workspace.undo, workspace.recover, lambda: workspace.apply(Plan())):
        with pytest.raises(NothingToUndoError, match="is damaged"):
            run()
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "name", ["", ".gitignore", "last-run.json.applying.tmp", "before.tmp"]
)
def test_what_undo_needs_is_not_written_through_a_link(
    tmp_path: Path, name: str
) -> None:
    """A repository may hold links under those names, to files of whoever runs this."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"ours\n")
    if name:
        state = committed_record(root)
        (state / name).symlink_to(outside / "file")
    else:
        (root / "auth-server").mkdir(parents=True)
        (root / "auth-server/.copier-better-auth").symlink_to(outside)
    before = files(tmp_path)
    workspace = Workspace(root, "auth-server")
    plan = Plan(edits=(edit("new.py", None, b"new\n"),))
    with pytest.raises(DriftError, match="leads out of the repository"):
        workspace.apply(plan)
    with pytest.raises(DriftError, match="leads out of the repository"):
        workspace.add(plan.edits)
    with workspace.locked():
        pass
    assert files(tmp_path) == before


FAULTY_RUN = """
import errno, os, sys
from pathlib import Path
from copier_better_auth.errors import ApplyError
from copier_better_auth.model import FileEdit, Move, Plan
from copier_better_auth.workspace import Workspace

root, fault, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link"}
count, this = 0, os.getpid()


def interfere(event, arguments):
    global count
    if os.getpid() != this:
        return  # the process that watches this one
    opens = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
    if event not in WRITES and not opens:
        return
    count += 1
    if count == step and fault.endswith("kill"):
        os._exit(9)
    if count == step:
        raise OSError(errno.ENOSPC, "No space left on device")


def edit(path, before, after):
    return FileEdit(path=path, before=before, after=after, why=("a test",))


plan = Plan(
    edits=(
        edit("a.py", b"a\\n", b"A\\n"),
        edit("new/folder/b.py", None, b"B\\n"),
        edit("old/gone.py", b"gone\\n", None),
        edit("c.py", b"c\\n", b"C\\n"),
        edit(".env", b"SECRET=before\\n", b"SECRET=after\\n"),
    ),
    moves=(Move(path="data", to="new/data"),),
)
workspace = Workspace(root, "auth-server")
sys.addaudithook(interfere)
try:
    workspace.undo() if fault.startswith("undo") else workspace.apply(plan)
except ApplyError:
    sys.exit(3)
sys.exit(0 if count < step else 4)
"""


def prepared(root: Path) -> Path:
    root.mkdir()
    (root / "a.py").write_bytes(b"a\n")
    (root / "c.py").write_bytes(b"c\n")
    (root / "c.py").chmod(0o755)
    (root / ".env").write_bytes(b"SECRET=before\n")
    (root / ".env").chmod(0o600)
    (root / "old").mkdir()
    (root / "old/gone.py").write_bytes(b"gone\n")
    (root / "data").mkdir()
    (root / "data/rows").write_bytes(b"rows\n")
    return root


def faulty(root: Path, fault: str, step: int) -> int:
    command = [sys.executable, "-c", FAULTY_RUN, str(root), fault, str(step)]
    # Its output ends with the process that survives it, which is waited for so.
    return subprocess.run(command, check=False, capture_output=True).returncode


def visible(root: Path) -> dict[str, tuple[bytes, int]]:
    """What git could see: the state folder ignores itself."""
    return {
        path: (data, (root / path).stat().st_mode)
        for path, data in files(root).items()
        if ".copier-better-auth" not in path
    }


def assert_secrets_are_private(root: Path) -> None:
    """Whatever file a secret stands in, other users of the machine cannot read it."""
    encoded = base64.b64encode(b"SECRET=before\n")
    for path in (found for found in root.rglob("*") if found.is_file()):
        data, mode = path.read_bytes(), path.stat().st_mode
        if b"SECRET=" in data or encoded in data:
            assert mode & 0o077 == 0, path


@pytest.mark.parametrize("fault", ["kill", "fail"])
def test_a_fault_at_any_step_leaves_before_or_after(tmp_path: Path, fault: str) -> None:
    """Killed at a step, or unable to write: all of it is there, or none."""
    before = visible(prepared(tmp_path / "before"))
    assert faulty(prepared(tmp_path / "after"), fault, 10_000) == 0
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
        assert now == before or fault == "kill" or code != 3
        seen.add(now == before)
        if now == after:
            Workspace(root, "auth-server").undo()
            assert visible(root) == before
    assert step > 20
    assert True in seen


def test_what_nothing_watched_is_put_back_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that went down half-way: the next run begins with what was before."""
    root = prepared(tmp_path / "root")
    before = visible(root)
    plan = Plan(edits=(edit("a.py", b"a\n", b"A\n"), edit("c.py", b"c\n", b"C\n")))

    down = False

    def goes_down(temporary: Path, target: Path) -> None:
        nonlocal down
        down = down or target.name == "c.py"
        if down:
            raise KeyboardInterrupt
        temporary.replace(target)

    monkeypatch.setattr("copier_better_auth.workspace.transaction.put", goes_down)
    with pytest.raises(KeyboardInterrupt):
        Workspace(root, "auth-server").apply(plan)
    assert visible(root) != before
    monkeypatch.undo()
    Workspace(root, "auth-server").apply(Plan())
    assert visible(root) == before


def test_ctrl_c_takes_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no failure to write, and leaves as little."""
    root = prepared(tmp_path / "root")
    before = visible(root)
    plan = Plan(edits=(edit("a.py", b"a\n", b"A\n"), edit("c.py", b"c\n", b"C\n")))

    def pressed(temporary: Path, target: Path) -> None:
        if (target.name, temporary.read_bytes()) == ("c.py", b"C\n"):
            raise KeyboardInterrupt
        temporary.replace(target)

    monkeypatch.setattr("copier_better_auth.workspace.transaction.put", pressed)
    with pytest.raises(KeyboardInterrupt):
        Workspace(root, "auth-server").apply(plan)
    assert visible(root) == before


def test_one_undo_after_another(tmp_path: Path) -> None:
    """A repair after a copy is a run of its own; both can be taken back, in turn."""
    root = prepared(tmp_path / "root")
    workspace = Workspace(root, "auth-server")
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


def test_an_undo_that_was_killed_can_be_done_again(tmp_path: Path) -> None:
    """At whatever step: the second one ends where the first was going."""
    before = visible(prepared(tmp_path / "before"))
    for step in range(1, 1000):
        root = prepared(tmp_path / str(step))
        assert faulty(root, "none", 10_000) == 0
        (root / "auth-server/.env").write_text("X=1\n")
        if faulty(root, "undo-kill", step) == 0:
            break
        assert_secrets_are_private(root)
        with contextlib.suppress(NothingToUndoError):
            Workspace(root, "auth-server").undo()
        (root / "auth-server/.env").unlink()
        assert visible(root) == before, f"at step {step}"
    assert step > 10


def test_whoever_comes_meanwhile_waits(tmp_path: Path) -> None:
    """Two runs take turns, and leave nothing behind that they locked."""
    root = prepared(tmp_path / "root")
    before = files(root)
    Workspace(root, "auth-server").apply(Plan(edits=(edit("a.py", b"a\n", b"A\n"),)))
    other = threading.Thread(target=Workspace(root, "auth-server").undo)
    with Workspace(root, "auth-server").locked():
        other.start()
        other.join(0.3)
        assert (root / "a.py").read_bytes() == b"A\n"
    other.join(5)
    assert files(root) == before
