"""How the command answers what it cannot understand: one line, exit 2, every call."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.errors import EnvironmentProblem
from copier_better_auth.verification import running_servers
from support.copier_cli import COPIER

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = COPIER.with_name("copier-better-auth")
CALLS = ("discover", "doctor", "explain", "verify", "undo")


def called(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("heal",),
        ("docter",),
        *((call, "--no-such-option") for call in CALLS),
        *((call, "one", "two") for call in CALLS if call != "explain"),
        *((call, "no/such/folder") for call in CALLS if call != "explain"),
        ("explain", "--path", "no/such/folder", "an error"),
        ("doctor", "--check"),
        ("doctor", "--check", "BA999"),
        ("doctor", "--fix", "--diff"),
        ("doctor", "--diff", "--json"),
        # A variable that is not set, in quotes.
        *((call, "") for call in CALLS if call != "explain"),
        ("explain", "--path", "", "an error"),
    ],
    ids=" ".join,
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Said on one line, with nothing on the output that a script would read."""
    done = called(tmp_path, *arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_no_command_is_a_question(tmp_path: Path) -> None:
    """Answered with the commands; one that is mistyped with what was meant."""
    asked = called(tmp_path)
    assert asked.returncode == 0
    assert all(call in asked.stdout for call in CALLS)
    assert "integrate" not in asked.stdout + called(tmp_path, "heal").stderr
    assert "did you mean doctor?" in called(tmp_path, "docter").stderr
    version = called(tmp_path, "--version")
    assert version.returncode == 0
    assert re.fullmatch(r"copier-better-auth \d+\.\d+\S*\n", version.stdout)


@pytest.mark.parametrize("arguments", [(), *((call,) for call in CALLS)])
def test_help_is_no_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """For the command and for each call."""
    done = called(tmp_path, *arguments, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("usage: copier-better-auth")
    assert done.stderr == ""


def test_a_folder_without_the_template_says_what_to_do(tmp_path: Path) -> None:
    """It is no wrong usage: there is nothing to look at, yet."""
    for call in ("doctor", "verify", "undo"):
        done = called(tmp_path, call)
        assert done.returncode == 1
        assert "run copier copy first" in done.stderr


def test_a_package_manager_that_is_not_here_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's pnpm project, on a machine that has npm alone."""
    (tmp_path / "auth-server/node_modules").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    given = {"auth_server_dir": "auth-server", "auth_node_package_manager": "pnpm"}
    answers = parse_answers(given)
    with (
        pytest.raises(EnvironmentProblem, match="npm install --global pnpm"),
        running_servers(tmp_path, answers),
    ):
        pass


@pytest.mark.parametrize(
    ("arguments", "code"), [("explain <&-", 2), ("explain - <&-", 2), ("doctor >&-", 1)]
)
def test_a_stream_that_is_closed(tmp_path: Path, arguments: str, code: int) -> None:
    """There is nothing to read, or no one who does: no failure of ours."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"{COMMAND} {arguments}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "unexpectedly" not in done.stderr
