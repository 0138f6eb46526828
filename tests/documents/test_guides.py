"""The commands of the guides in ``docs/``: each is the README's, or is run here."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from support.copier_cli import ANSWERS_FILE, COPIER
from support.repositories import flat
from support.template import AUTHOR, ROOT, commit_all, git
from support.terminal import shell
from write_reference import DOCS, pages

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Each line of a block that the README's own test runs.
_README = {
    line.strip()
    for block in _BLOCK.findall((ROOT / "README.md").read_text())
    for line in block.splitlines()
}
# By test_plugins_page.py.
_RUN_ELSEWHERE = {"uvx --from git+URL copier-better-auth sync"}
_FENCE = re.compile(r"(?m)^```(\w*)$")
# To be read: TypeScript is checked where it is rendered; test_proxies.py runs proxies.
_SHOWN_ALONE = {"text", "ts", "caddy", "nginx", "toml", "yaml"}
# What an update is told is told to one update here, which takes all of it.
UPDATING = (
    "sign-in-method.md",
    "move-folders.md",
    "deploy.md",
    "change-an-answer.md",
)
DOCTORS = ("doctor.md", "ci.md")


def own_lines(guide: str) -> list[str]:
    """The lines of a guide's blocks in which the README has not every line."""
    blocks: list[str] = _BLOCK.findall((DOCS / "how-to" / guide).read_text())
    own = (b for b in blocks if not {*map(str.strip, b.splitlines())} <= _README)
    return [line for block in own for line in block.splitlines()]


def run(lines: list[str], project: Path) -> None:
    """Run the lines as they are typed, with this installation in uvx's place."""
    own = str(COPIER.with_name("copier-better-auth"))
    command = "\n".join(lines).replace("uvx --with git+URL copier", str(COPIER))
    command = command.replace("uvx --from git+URL copier-better-auth", own)
    shell(command, project, {**os.environ, **AUTHOR})


def test_the_updates_do_what_the_guides_say(copies: Copies, tmp_path: Path) -> None:
    """Each is the README's update with an answer; one update takes them all."""
    project = copies.into(tmp_path / "project", of=flat)
    commit_all(project)
    (update,) = (line for line in _README if " copier update " in line)
    lines = [line for guide in UPDATING for line in own_lines(guide)]
    told = [line.removeprefix(f"{update} ") for line in lines if " copier " in line]
    assert len(told) == len(UPDATING)
    assert all(answer.startswith("-d auth_") for answer in told)
    others = [line for line in lines if " copier " not in line]
    run([" ".join((update, *told)), *others], project)

    assert "auth_session_days: 30\n" in (project / ANSWERS_FILE).read_text()
    assert git(project, "log", "-1", "--format=%s") == "Sessions last 30 days\n"
    assert git(project, "status", "--porcelain") == ""
    server = project / "services/auth"
    assert not (project / "auth-server").exists()
    assert (server / ".env").exists()
    assert "callback/github" in (server / "SETUP.md").read_text()
    assert "GITHUB_CLIENT_ID=" in (server / ".env.example").read_text()
    assert "github" in (server / "docs/front-end/plain.ts").read_text()
    assert (server / "Dockerfile").exists()
    assert (server / "compose.yaml").exists()


def test_the_doctor_here_and_in_a_fresh_clone(copies: Copies, tmp_path: Path) -> None:
    """As in CI: no packages, no .env; it is repaired, and then nothing fails."""
    project = copies.into(tmp_path / "project", of=flat)
    commit_all(project)
    run(own_lines("doctor.md"), project)
    assert git(project, "status", "--porcelain") == ""
    git(tmp_path, "clone", "--quiet", str(project), "clone")
    run(own_lines("ci.md"), tmp_path / "clone")
    assert not (tmp_path / "clone/auth-server/.env").exists()


def test_every_command_is_run() -> None:
    """Here or by the test of the README, and no page has another kind of block."""
    made = pages()
    for guide in DOCS.rglob("*.md"):
        text = guide.read_text()
        kinds = {*_FENCE.findall(text)[::2]}
        assert kinds <= {"sh", "python", "sql"} | _SHOWN_ALONE, guide
        if guide.parent.name == "how-to":
            is_run = guide.name in {*UPDATING, *DOCTORS}
            assert is_run == bool(own_lines(guide.name)), guide
        else:
            lines = {n.strip() for b in _BLOCK.findall(text) for n in b.splitlines()}
            assert lines <= _README | _RUN_ELSEWHERE, guide
        if guide not in made:
            typed = re.findall(r"(?m)^    ((?:uvx|copier|make|npm|curl) .*)$", text)
            assert {*typed} <= _README, guide
