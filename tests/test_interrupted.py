"""A run that ends too early, in whatever way, leaves everything as it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.errors import ApplyError
from copier_better_auth.pipeline import integrate
from copier_better_auth.workspace import Workspace
from copier_better_auth.workspace.record import Run
from support.copier_cli import ANSWERS_FILE, COPIER, copy, update
from support.repositories import full_stack
from support.template import commit_all, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.copies import Copies

SAID = "Stopped before the end: everything here is as it was before.\n"
# Ctrl-C and a terminal that closes reach the whole group, a kill Copier alone.
ENDS = {
    "Ctrl-C": (os.killpg, signal.SIGINT),
    "hang-up": (os.killpg, signal.SIGHUP),
    "kill": (os.kill, signal.SIGKILL),
}
GROUP = ("Ctrl-C", "hang-up")


def _hears() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def interrupted(
    folder: Path,
    end: str,
    when: Callable[[], bool],
    *arguments: str | Path,
    said: str = SAID,
) -> str:
    """Run Copier until something holds, end it so, and return what was printed."""
    send, number = ENDS[end]
    log = folder.parent / "printed"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(COPIER), *map(str, arguments)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Tests in the background, or under nohup, are deaf; a user's Copier is not.
            preexec_fn=_hears,  # noqa: PLW1509
        )
        while not when():
            assert process.poll() is None, log.read_text()
            time.sleep(0.002)
        send(process.pid, number)
        assert process.wait(timeout=60) != 0
    # Who was killed did not wait for the end of it.
    deadline = time.monotonic() + 30
    while said not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    return log.read_text()


@pytest.mark.parametrize(
    ("end", "reached"),
    [
        *((end, "auth-server/package.json") for end in ENDS),
        *((end, "auth-server/.env") for end in GROUP),
        *((end, "history") for end in GROUP),
    ],
)
def test_a_copy(template: Path, tmp_path: Path, end: str, reached: str) -> None:
    """Rendered files and edits go, the next run is as if there had been none."""
    project = full_stack(tmp_path / "project")
    arguments = ("copy", "--defaults", "--trust", template, ".")
    printed = interrupted(project, end, (project / reached).exists, *arguments)
    assert SAID in printed
    assert "Traceback" not in printed
    assert git(project, "status", "--porcelain", "--ignored") == ""
    assert copy(template, project).returncode == 0


def test_a_hook_outlives_its_copier(template: Path, tmp_path: Path) -> None:
    """Killed while the hook is at work, which can do without it: all of it is there."""
    project = full_stack(tmp_path / "project")
    arguments = ("copy", "--defaults", "--trust", template, ".")
    applying = (project / "auth-server/.env").exists
    done = f"copier update --trust -a {ANSWERS_FILE}\n"
    assert done in interrupted(project, "kill", applying, *arguments, said=done)
    commit_all(project)
    assert copy(template, project).returncode == 0
    assert git(project, "status", "--porcelain") == ""


def test_a_hook_that_comes_too_late(template: Path, tmp_path: Path) -> None:
    """Copier was killed before the hook began: what is taken back stays so."""
    project = full_stack(tmp_path / "project")
    commit_all(project)
    assert copy(template, project, "--skip-tasks").returncode == 0
    before = git(project, "status", "--porcelain", "--ignored")
    with pytest.raises(ApplyError, match="nothing was edited"):
        integrate(project, ANSWERS_FILE, watchdog=os.getpid())
    assert git(project, "status", "--porcelain", "--ignored") == before
    assert Workspace(project).state.is_empty


def test_a_machine_that_was_switched_off(template: Path, tmp_path: Path) -> None:
    """What takes a run back was killed with it: one line says what to type for that."""
    project = full_stack(tmp_path / "project")
    Workspace(project).begin(
        Run(
            names=frozenset(),
            folders=frozenset(),
            contents=(),
            last=None,
            answers=(),
            answers_file=ANSWERS_FILE,
            overwrites=False,
        )
    )
    result = copy(template, project)
    assert result.returncode == 1
    typed = f"uvx --from {template} copier-better-auth undo shows what it left"
    assert typed in result.stderr
    assert git(project, "status", "--porcelain", "--ignored") == ""


def test_a_new_folder(template: Path, tmp_path: Path) -> None:
    """It goes too."""
    arguments = ("copy", "--defaults", "--trust", template, "shop")
    folder = tmp_path / "here"
    folder.mkdir()
    made = (folder / "shop/auth-server").exists
    assert SAID in interrupted(folder, "Ctrl-C", made, *arguments)
    assert list(folder.iterdir()) == []


def test_a_second_copy_leaves_the_first(copies: Copies, tmp_path: Path) -> None:
    """With what its undo needs."""
    project = full_stack(tmp_path / "project")
    assert copy(copies.template, project).returncode == 0
    state = Workspace(project).state
    (project / "auth-server/README.md").unlink()
    commit_all(project)
    back = (project / "auth-server/README.md").exists
    arguments = ("copy", "--defaults", "--trust", copies.template, ".")
    assert SAID in interrupted(project, "Ctrl-C", back, *arguments)
    assert git(project, "status", "--porcelain") == ""
    assert Workspace(project).state == state


@pytest.mark.parametrize("moved", [(), ("-d", "auth_server_dir=sso")])
def test_an_update(copies: Copies, tmp_path: Path, moved: tuple[str, ...]) -> None:
    """Edits of generated files, which the update takes away meanwhile, are there."""
    template = shutil.copytree(copies.template, tmp_path / "copier-better-auth")
    project = copies.into(tmp_path / "project", of=full_stack)
    answers = project / ANSWERS_FILE
    text = answers.read_text().replace(str(copies.template), str(template))
    answers.write_text(text)
    models = project / "backend/app/auth/models.py"
    models.write_text(f"# Ours.\n{models.read_text()}")
    secret = (project / "auth-server/.env").read_bytes()
    commit_all(project)
    rendered = template / "template/{{ auth_package_dir }}/models.py.jinja"
    rendered.write_text(f"{rendered.read_text()}\nVERSION = 2\n")
    commit_all(template)
    git(template, "tag", "v1.1.0")

    def arrived() -> bool:
        return "VERSION = 2" in models.read_text()

    arguments = ("update", "--defaults", "--trust", "-a", ANSWERS_FILE, *moved)
    assert SAID in interrupted(project, "Ctrl-C", arrived, *arguments)
    assert git(project, "status", "--porcelain") == ""
    assert (project / "auth-server/.env").read_bytes() == secret
    assert not (project / "sso").exists()
    assert update(project, *moved).returncode == 0
    assert models.read_text().startswith("# Ours.\n")
    assert arrived()
