"""The commands of the guides in ``docs/``: each is the README's, or is run here."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import ANSWERS_FILE, COPIER
from support.repositories import flat
from support.template import ROOT, commit_all, git
from support.terminal import BASH
from write_reference import DOCS, pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.copies import Copies

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_README = {
    line.strip()
    for line in (ROOT / "README.md").read_text().splitlines()
    if line.strip()
}


def of_its_own(guide: Path) -> list[str]:
    """The blocks of a guide in which the README has not every line."""
    blocks: list[str] = _BLOCK.findall(guide.read_text())
    return [b for b in blocks if not {*map(str.strip, b.splitlines())} <= _README]


def run(guide: str, project: Path) -> None:
    """Run a guide's own blocks in their order, as a user without uvx would."""
    env = {**os.environ, "GIT_CONFIG_COUNT": "2"}
    for n, (key, value) in enumerate(
        {"user.name": "Ada", "user.email": "ada@example.com"}.items()
    ):
        env |= {f"GIT_CONFIG_KEY_{n}": key, f"GIT_CONFIG_VALUE_{n}": value}
    own = str(COPIER.with_name("copier-better-auth"))
    for block in of_its_own(DOCS / "how-to" / guide):
        command = block.replace("uvx --with git+URL copier", str(COPIER))
        command = command.replace("uvx --from git+URL copier-better-auth", own)
        done = subprocess.run(
            [BASH, "-euc", command],
            cwd=project,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def other_days(project: Path) -> None:
    assert "auth_session_days: 30\n" in (project / ANSWERS_FILE).read_text()
    assert git(project, "log", "-1", "--format=%s") == "Sessions last 30 days\n"
    assert git(project, "status", "--porcelain") == ""


def github_is_added(project: Path) -> None:
    server = project / "auth-server"
    assert "callback/github" in (server / "SETUP.md").read_text()
    assert "GITHUB_CLIENT_ID=" in (server / ".env.example").read_text()
    assert "github" in (server / "docs/front-end/plain.ts").read_text()


def server_is_moved(project: Path) -> None:
    assert not (project / "auth-server").exists()
    assert (project / "services/auth/.env").exists()


def docker_came(project: Path) -> None:
    for name in ("Dockerfile", "compose.yaml", "SETUP.md"):
        assert (project / "auth-server" / name).exists()


@pytest.mark.parametrize(
    ("guide", "holds"),
    [
        ("change-an-answer.md", other_days),
        ("sign-in-method.md", github_is_added),
        ("move-folders.md", server_is_moved),
        ("deploy.md", docker_came),
    ],
    ids=["other days", "github", "moved", "docker"],
)
def test_an_update_does_what_the_guide_says(
    copies: Copies, tmp_path: Path, guide: str, holds: Callable[[Path], None]
) -> None:
    """In a committed project, without a terminal."""
    project = copies.into(tmp_path / "project", of=flat)
    commit_all(project)
    run(guide, project)
    holds(project)


def test_the_doctor_in_a_fresh_clone(copies: Copies, tmp_path: Path) -> None:
    """As in CI: no packages, no .env; it is repaired, and then nothing fails."""
    project = copies.into(tmp_path / "project", of=flat)
    commit_all(project)
    git(tmp_path, "clone", "--quiet", str(project), "clone")
    run("doctor.md", tmp_path / "clone")
    assert (tmp_path / "clone/auth-server/.env").exists()


def test_every_command_is_run() -> None:
    """Here or by the test of the README; other pages have none, nor other shells."""
    run_here = {"change-an-answer.md", "sign-in-method.md", "move-folders.md"}
    run_here |= {"deploy.md", "doctor.md"}
    made = pages()
    for guide in DOCS.rglob("*.md"):
        text = guide.read_text()
        kinds = {*re.findall(r"(?m)^```(\w+)$", text)}
        assert kinds <= {"sh", "python", "sql"}, guide
        is_run = guide.parent.name == "how-to" and guide.name in run_here
        assert is_run == bool(of_its_own(guide)), guide
        if guide not in made:
            typed = re.findall(r"(?m)^    ((?:uvx|copier|make|npm|curl) .*)$", text)
            assert {*typed} <= _README, guide
