"""The form, answered by a person at a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from copier_better_auth.answers import load_answers
from support.copier_cli import ANSWERS_FILE, COPIER, copy
from support.template import commit_all
from support.terminal import at_a_terminal

if TYPE_CHECKING:
    from pathlib import Path

_UP, _DOWN, _CLEAR, _ENTER = "\x1b[A", "\x1b[B", "\x15", "\r"
_LENGTH = "How long does a session last?"


def days_of(project: Path) -> int:
    """What is remembered; how it was chosen is not."""
    assert "auth_session_length" not in (project / ANSWERS_FILE).read_text()
    return load_answers(project / ANSWERS_FILE).auth_session_days


def test_a_session_lasts_as_chosen(template: Path, tmp_path: Path) -> None:
    """Another number is typed; an update offers it, and another choice replaces it."""
    env = dict(os.environ)
    another = {
        _LENGTH: 3 * _DOWN + _ENTER,
        "How many days": f"{_CLEAR}45{_ENTER}",
    }
    command = f"{COPIER} copy --trust --skip-tasks {template} ."
    at_a_terminal(command, tmp_path, env, within=120, keys=another)
    assert days_of(tmp_path) == 45
    commit_all(tmp_path)
    command = f"{COPIER} update --trust -a {ANSWERS_FILE}"
    at_a_terminal(command, tmp_path, env, within=120)
    assert days_of(tmp_path) == 45
    commit_all(tmp_path)
    at_a_terminal(command, tmp_path, env, within=120, keys={_LENGTH: 2 * _UP + _ENTER})
    assert days_of(tmp_path) == 30


def test_any_number_of_days_can_be_given(template: Path, tmp_path: Path) -> None:
    """For scripts, the number is all."""
    options = ("--skip-tasks", "-d", "auth_session_days=45")
    assert copy(template, tmp_path, *options).returncode == 0
    assert days_of(tmp_path) == 45
