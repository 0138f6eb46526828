"""Records and links that come with a repository: nothing is written where they lead."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.errors import BetterAuthError, DriftError, NothingToUndoError
from copier_better_auth.model import FileEdit, Plan
from copier_better_auth.workspace import Workspace
from copier_better_auth.workspace.paths import Tree
from copier_better_auth.workspace.record import Change, Moved, Pending, Record, State
from copier_better_auth.workspace.undo_store import UndoStore
from support.copier_cli import ANSWERS_FILE, copy, update
from support.repositories import full_stack
from support.template import commit_all, git
from test_undo import undo

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies

EVIL = base64.b64encode(b"evil\n").decode()
ESCAPES = [
    "{outside}/new",
    "../outside/new",
    "linked/new",
    "gitlink/hooks/pre-commit",
    ".git/hooks/pre-commit",
    ".GIT/hooks/pre-commit",
    "folder/.git/config",
    "git~1/config",
    ".git /config",
    ".git::$INDEX_ALLOCATION/config",
    ".g\u200cit/config",
]


def everything(folder: Path) -> dict[str, bytes | str]:
    """All files with what they hold, and links with where they lead."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path)] = str(path.readlink())
        elif path.is_file():
            found[str(path)] = path.read_bytes()
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with links, beside a folder that is not its own."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (root / ".git/hooks").mkdir(parents=True)
    (root / "folder").mkdir()
    (root / "linked").symlink_to(outside)
    (root / "gitlink").symlink_to(".git")
    (root / "theirs").write_bytes(b"evil\n")
    return root


def old_record(*changes: str, moved: str = "") -> str:
    """A record as earlier releases kept it: it says that a run was killed."""
    record = {
        "state": "applying",
        "changes": [
            {"path": path, "before": EVIL, "mode": 0o755, "after": None}
            for path in changes
        ],
        "moves": [{"path": moved, "to": "theirs"}] if moved else [],
    }
    return json.dumps(record)


def plant(root: Path, record: str) -> None:
    """Put a record where earlier releases kept it."""
    state = root / "auth-server/.copier-better-auth"
    state.mkdir(parents=True)
    (state / "last-run.json").write_text(record)


@pytest.mark.parametrize("path", [*ESCAPES, "main.py"])
def test_a_record_in_the_repository_is_not_read(root: Path, path: str) -> None:
    """Who gives us a repository could else write to our home, or run at a commit."""
    plant(root, old_record(path.format(outside=root.parent / "outside")))
    before = everything(root.parent)
    workspace = Workspace(root)
    with pytest.raises(NothingToUndoError, match="earlier release's record"):
        workspace.undo()
    assert not workspace.recover()
    workspace.apply(Plan())
    assert everything(root.parent) == before


@pytest.mark.parametrize("path", ESCAPES)
@pytest.mark.parametrize("kind", ["changed", "rendered", "moved", "pending"])
def test_a_record_of_our_own_leads_nowhere_else(
    root: Path, path: str, kind: str
) -> None:
    """Whatever a record says, whatever wrote it: paths are checked at the write."""
    path = path.format(outside=root.parent / "outside")
    change = Change(path=path, before=EVIL, mode=0o755, after=None)
    move = Moved(path=path, to="theirs")
    state = {
        "changed": State(last=Record(changes=(change,))),
        "rendered": State(last=Record(rendered=(change,))),
        "moved": State(last=Record(moves=(move,))),
        "pending": State(
            pending=Pending(changes=(change,), moves=(move,), staging="staged")
        ),
    }[kind]
    UndoStore(Tree(root).root).write(state)
    before = everything(root.parent)
    workspace = Workspace(root)
    for run in (workspace.undo, workspace.recover if kind == "pending" else None):
        if run:
            with pytest.raises(BetterAuthError, match=r"leads out|belongs to git"):
                run()
    assert everything(root.parent) == before


def test_a_state_folder_in_the_repository_is_not_used(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where the environment names one there, and not through a link to it."""
    record = Record(
        changes=(Change(path="main.py", before=EVIL, mode=0o644, after=None),)
    )
    monkeypatch.setenv("XDG_STATE_HOME", str(root.parent / "state"))
    UndoStore(Tree(root).root).write(State(last=record))
    (root.parent / "state").rename(root / "state")
    home = root.parent / "home"
    (home / ".local/state").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for given in (str(root / "state"), "state", ""):
        monkeypatch.setenv("XDG_STATE_HOME", given)
        with pytest.raises(NothingToUndoError):
            Workspace(root).undo()
    (home / ".local/state/copier-better-auth").rmdir()
    planted = root / "state/copier-better-auth"
    (home / ".local/state/copier-better-auth").symlink_to(planted)
    with pytest.raises(NothingToUndoError):
        Workspace(root).undo()
    assert not (root / "main.py").exists()


def test_without_a_home_there_is_a_place_all_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container: no home, or one that cannot be written."""
    for home in ("", "/proc/nowhere", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", home)
        monkeypatch.setenv("HOME", home)
        edit = FileEdit(path="new.py", before=None, after=b"new\n", why=())
        Workspace(root).apply(Plan(edits=(edit,)))
        assert Workspace(root).undo() == ("new.py",)


def test_a_repository_by_another_path_is_another(tmp_path: Path) -> None:
    """A clone has no run of its own to undo, unless it was copied with its secret."""
    edits = (
        FileEdit(path="a.py", before=None, after=b"new\n", why=()),
        FileEdit(path=".env", before=None, after=b"S=1\n", why=(), secret=True),
    )
    one, clone, moved = tmp_path / "one", tmp_path / "clone", tmp_path / "moved"
    one.mkdir()
    clone.mkdir()
    Workspace(one).apply(Plan(edits=edits))
    (clone / "a.py").write_bytes(b"new\n")
    with pytest.raises(NothingToUndoError):
        Workspace(clone).undo()
    one.rename(moved)
    Workspace(moved).undo()
    assert not (moved / "a.py").exists()
    one.mkdir()  # another repository in the place of the first
    with pytest.raises(NothingToUndoError):
        Workspace(one).undo()
    (one / "a.py").write_bytes(b"mine\n")
    with pytest.raises(DriftError, match=r"a\.py"):
        Workspace(one).undo()


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_is_refused(root: Path, kind: str) -> None:
    """At once: to read from a pipe would wait for ever."""
    target = root / "main.py"
    make = {
        "pipe": lambda: os.mkfifo(target),
        "link": lambda: target.symlink_to(root / "theirs"),
        "folder": target.mkdir,
    }
    make[kind]()
    edit = FileEdit(path="main.py", before=b"evil\n", after=b"ours\n", why=())
    with pytest.raises(DriftError, match=r"main\.py"):
        Workspace(root).apply(Plan(edits=(edit,)))
    assert (root / "theirs").read_bytes() == b"evil\n"


def test_a_file_with_a_second_name_elsewhere(root: Path) -> None:
    """The other name keeps what it had."""
    other = root.parent / "outside/profile"
    other.write_bytes(b"mine\n")
    (root / "main.py").hardlink_to(other)
    edit = FileEdit(path="main.py", before=b"mine\n", after=b"ours\n", why=())
    Workspace(root).apply(Plan(edits=(edit,)))
    assert other.read_bytes() == b"mine\n"
    Workspace(root).undo()
    assert (root / "main.py").read_bytes() == b"mine\n"


def test_a_link_inside_is_followed_first(root: Path) -> None:
    """What a link's folder is is written, and an undo does without the link."""
    (root / "app").symlink_to("folder")
    edit = FileEdit(path="app/main.py", before=None, after=b"ours\n", why=())
    Workspace(root).apply(Plan(edits=(edit,)))
    assert (root / "folder/main.py").read_bytes() == b"ours\n"
    (root / "app").unlink()
    (root / "app").symlink_to("../outside")
    Workspace(root).undo()
    assert not (root / "folder").exists()


def test_git_in_a_folder_of_another_name(root: Path) -> None:
    """A work tree's ``.git`` is a file, and says where the repository is."""
    (root / ".git/hooks").rmdir()
    (root / ".git").rmdir()
    (root / ".git").write_text("gitdir: folder\n")
    edit = FileEdit(path="folder/hooks/pre-commit", before=None, after=b"", why=())
    with pytest.raises(DriftError, match="belongs to git"):
        Workspace(root).apply(Plan(edits=(edit,)))
    assert list((root / "folder").iterdir()) == []


LINKS = {
    "auth-server": ("auth-server", ".git/hooks"),
    "outside": ("auth-server", "{outside}"),
    "package": ("backend/app/auth", "../../.git"),
    "inner": ("auth-server/src", "../.git/hooks"),
    "file": ("auth-server/README.md", "{outside}/profile"),
    "answers": (ANSWERS_FILE, "{outside}/profile"),
    "records": ("history", "{outside}"),
}


PREVIEW = ("-d", "auth_apply_edits=preview")


@pytest.mark.parametrize(
    ("kind", "options"),
    [*((kind, ()) for kind in (*LINKS, "pipe")), ("inner", PREVIEW), ("file", PREVIEW)],
)
def test_a_copy_into_planted_links(
    template: Path, tmp_path: Path, kind: str, options: tuple[str, ...]
) -> None:
    """Refused in one line; nothing is there that was not there before."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "profile").write_bytes(b"mine\n")
    project = full_stack(tmp_path / "project")
    if kind == "pipe":
        (project / "auth-server").mkdir()
        os.mkfifo(project / "auth-server/README.md")
    else:
        path, to = LINKS[kind]
        (project / path).parent.mkdir(exist_ok=True)
        (project / path).symlink_to(to.format(outside=outside))
        commit_all(project)
    options = (*options, "-d", "auth_server_dir=auth-server")
    before = everything(tmp_path)
    result = copy(
        template, project, *options, "-d", "auth_package_dir=backend/app/auth"
    )
    assert result.returncode == 1, result.stdout
    assert "Traceback" not in result.stderr
    assert everything(tmp_path) == before
    assert git(project, "status", "--porcelain") == ""


@pytest.mark.parametrize("run", ["copy", "preview", "update", "undo"])
def test_a_planted_record_and_a_real_run(
    copies: Copies, tmp_path: Path, run: str
) -> None:
    """No hook of git is written, and no file outside."""
    project = tmp_path / "project"
    if run == "update":
        copies.into(project, of=full_stack)
        (project / "auth-server/.gitignore").unlink()
    else:
        full_stack(project)
    (project / "x").symlink_to(".git")
    (project / "y").symlink_to(tmp_path)
    plant(project, old_record("x/hooks/pre-commit", "y/new", "../new", moved="y/z"))
    commit_all(project)
    if run == "undo":
        refused = undo(project)
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
    elif run == "update":
        assert update(project).returncode == 0
    else:
        options = PREVIEW if run == "preview" else ()
        assert copy(copies.template, project, *options).returncode == 0
    assert not (project / ".git/hooks/pre-commit").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project"]
    assert (project / "x").is_symlink()


def test_a_secret_that_was_planted_is_not_taken(template: Path, tmp_path: Path) -> None:
    """Only what this user's own undo has put aside comes back."""
    project = full_stack(tmp_path / "project")
    aside = project / "auth-server/.copier-better-auth/.env"
    aside.parent.mkdir(parents=True)
    aside.write_text("BETTER_AUTH_SECRET=known-to-somebody-else\n")
    (aside.parent / ".gitignore").write_text("*\n")
    result = copy(template, project)
    assert result.returncode == 0, result.stderr
    assert "known-to" not in (project / "auth-server/.env").read_text()
    assert f"mv -f {aside.relative_to(project)} auth-server/.env" in result.stdout
