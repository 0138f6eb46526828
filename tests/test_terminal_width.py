"""What is printed fits where it goes: the terminal's width, a file, a pipe."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import COPIER, copy, update
from support.repositories import flat
from support.template import commit_all
from support.terminal import at_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies

WIDTHS = pytest.mark.parametrize("columns", [60, 80])
COMMAND = COPIER.with_name("copier-better-auth")
CALLS = (
    "--help",
    *(f"{name} --help" for name in ("discover", "doctor", "verify", "sync", "undo")),
    "explain --help",
    "discover",
    "discover no/such/folder",
    "docter",
    "doctor",
    "doctor --check BA999",
    "doctor --diff --json",
    "doctor node_modules",
    "explain 'blocked by CORS policy: No Access-Control-Allow-Origin header'",
    "explain 'column \"ip_address\" is of type inet but expression is of type text'",
    "explain ERR_REQUIRE_ESM",
    "explain 'an error that no one has seen before'",
    "verify --auth-url http://localhost:1",
    "verify --auth-url http://localhost:1 --api-url http://localhost:2",
    "undo",
    "sync",
)
_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[1-9][0-9;]*m")
# What a program writes over and over into one row.
_REWRITTEN = re.compile(r"(?m)^.*\x1b\[K")


def too_long(printed: str, columns: int) -> list[str]:
    """Return the lines that the terminal's edge cuts, where a blank could have."""
    lines = _REWRITTEN.sub("", printed.replace("\r\n", "\n")).splitlines()
    plain = (_STYLE.sub("", line).rstrip() for line in lines)
    return [n for n in plain if len(n) > columns and len(n.split()) > 2]


@WIDTHS
def test_what_each_command_says(copies: Copies, tmp_path: Path, columns: int) -> None:
    """Help, results, errors and what is asked."""
    project = copies.into(tmp_path / "project", of=flat)
    (project / "node_modules").mkdir()
    typed = "; ".join(f"{COMMAND} {call} || true" for call in CALLS)
    said = at_a_terminal(typed, project, os.environ, within=240, columns=columns)
    for known in ("usage:", "BA001 esm", "What happened:", ": NO", "Take this back?"):
        assert known in said, known
    assert too_long(said, columns) == []


@WIDTHS
def test_what_a_run_says(template: Path, tmp_path: Path, columns: int) -> None:
    """The plan, steps by hand, warnings and the last message."""
    flat(tmp_path)
    commit_all(tmp_path)
    given = "-d 'auth_methods=[google, magic_link]' -d auth_deployment=docker"
    copier = f"{COPIER} copy --quiet --trust --defaults {given} {template} ."
    said = at_a_terminal(copier, tmp_path, os.environ, within=120, columns=columns)
    for known in ("By hand, step 1", "WARN  BA006", "principles hold"):
        assert known in said, known
    assert too_long(said, columns) == []


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_are_for_terminals(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    """In a pipe there are none, of a copy or an update, at a terminal as wanted."""
    flat(tmp_path)
    commit_all(tmp_path)
    monkeypatch.setenv("NO_COLOR", no_color)
    if no_color:
        copier = f"{COPIER} copy --trust --defaults {template} ."
        said = at_a_terminal(copier, tmp_path, os.environ, within=120)
        assert "create  auth-server" in said
        assert _COLOUR.findall(said) == []
    else:
        done = copy(template, tmp_path)
        assert "create  auth-server" in done.stderr
        assert "\x1b" not in done.stdout + done.stderr
    commit_all(tmp_path)
    done = update(tmp_path, "-d", "auth_session_days=30")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
