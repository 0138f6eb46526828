"""Kill runs of every kind at random moments, and look at what they leave."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from copier_better_auth.workspace import Workspace

from support.copier_cli import ANSWERS_FILE, COPIER, copy
from support.repositories import full_stack
from support.template import commit_all, git

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

KINDS = ("copy", "update", "undo", "doctor --fix")
WAYS = ("the process", "its group", "the machine")
_COMMAND = Path(sys.executable).parent / "copier-better-auth"
_MARK = "COPIER_BETTER_AUTH_KILLED"
# Numbers and dates that differ from run to run.
_VARIES = re.compile(r"[0-9a-f]{12}_|\d{4}-\d\d-\d\d")
_NOT_COMPARED = ("DIAGNOSTICS.md", ".env", "history/", "versions/", ANSWERS_FILE)

Files = dict[str, bytes]


@dataclass(frozen=True)
class Case:
    """A project, a command, what was there before it and what is after it."""

    kind: str
    project: Path
    command: tuple[str, ...]
    before: Files
    after: Files
    seconds: float


def cases(template: Path, folder: Path) -> Iterator[Case]:
    """Make a project for each kind of run, and do the run once to know its result."""
    folder.mkdir()
    copied = full_stack(folder / "copied")
    plain = shutil.copytree(copied, folder / "plain")
    newer = shutil.copytree(template, folder / "newer")
    assert copy(newer, copied).returncode == 0
    updated = shutil.copytree(copied, folder / "updated")
    commit_all(updated)
    rendered = newer / "template/{{ auth_package_dir }}/models.py.jinja"
    rendered.write_text(f"{rendered.read_text()}\nVERSION = 2\n")
    commit_all(newer)
    git(newer, "tag", "v1.1.0")
    broken = shutil.copytree(copied, folder / "broken")
    package = broken / "auth-server/package.json"
    package.write_text(package.read_text().replace('"type": "module",', ""))
    copier = (str(COPIER),)
    update = ("update", "--defaults", "--trust", "-a", ANSWERS_FILE)
    fix = ("doctor", "--fix", "--check", "BA001")
    for kind, project, command in (
        ("copy", plain, (*copier, "copy", "--defaults", "--trust", str(template), ".")),
        ("update", updated, (*copier, *update)),
        ("undo", copied, (str(_COMMAND), "undo", "--yes")),
        ("doctor --fix", broken, (str(_COMMAND), *fix)),
    ):
        done = shutil.copytree(project, folder / f"{kind}-done", symlinks=True)
        started = time.monotonic()
        subprocess.run(command, cwd=done, check=kind != "doctor --fix", env=_env())
        seconds = time.monotonic() - started
        yield Case(kind, project, command, files(project), files(done), seconds)


def kill_once(case: Case, folder: Path, rng: random.Random) -> str:
    """Run and kill a copy of the project; return what it left: before or after.

    Raises ``AssertionError`` where that is neither.
    """
    way, moment = rng.choice(WAYS), rng.uniform(0, 1.1 * case.seconds)
    project = shutil.copytree(case.project, folder, symlinks=True)
    mark = uuid.uuid4().hex
    with (folder.parent / "killed.log").open("ab") as log:
        process = subprocess.Popen(
            case.command,
            cwd=project,
            env=_env(mark),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        time.sleep(moment)
        if way == "the machine":
            while found := list(_marked(mark)):
                for pid in found:
                    _kill(pid)
        elif way == "its group":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            _kill(process.pid)
        process.wait(timeout=60)
    deadline = time.monotonic() + 60
    while list(_marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    state = Workspace(project).state
    if state.pending or state.run:
        assert way == "the machine", "nothing has cleaned up"
        undo = [str(_COMMAND), "undo", "--yes"]
        subprocess.run(undo, cwd=project, check=True, capture_output=True)
    what = f"{case.kind}, {way} killed after {moment:.2f} s of {case.seconds:.2f}"
    left = files(project)
    if left == case.before:
        result = "before"
    elif case.kind == "undo" and state.pending:
        assert comparable(left) == comparable(case.after), what
        result = "after"
    else:
        assert comparable(left) == comparable(case.after), _difference(what, left, case)
        result = "after"
    assert not git(project, "ls-files", "--unmerged"), what
    shutil.rmtree(project)
    return f"{what}: {result}"


def files(project: Path) -> Files:
    """Every file outside git, with what it holds."""
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


def comparable(held: Files) -> dict[str, bytes | None]:
    """Leave out what differs from one run to the next."""
    return {
        _VARIES.sub("", name): None if any(n in name for n in _NOT_COMPARED) else data
        for name, data in held.items()
    }


def _difference(what: str, left: Files, case: Case) -> str:
    was, now = comparable(case.after), comparable(left)
    names = sorted(n for n in was.keys() | now if was.get(n, 0) != now.get(n, 0))
    return f"{what}: {names}"


def _env(mark: str = "") -> dict[str, str]:
    return {**os.environ, _MARK: mark}


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _marked(mark: str) -> Iterator[int]:
    """Yield the processes that a run has started, wherever they belong now."""
    wanted = f"{_MARK}={mark}".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name)
            except OSError:
                continue
