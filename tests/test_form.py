"""The form, answered by a person at a terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import load_answers
from support.copier_cli import ANSWERS_FILE, COPIER, copy, run_copier
from support.repositories import build, flat, full_stack
from support.screens import broken_words
from support.template import commit_all
from support.terminal import at_a_terminal, questions, shown

if TYPE_CHECKING:
    from pathlib import Path

_UP, _DOWN, _CLEAR, _ENTER = "\x1b[A", "\x1b[B", "\x15", "\r"
_LENGTH = "How long does a session last?"


def days_of(project: Path) -> int:
    """What is remembered; how it was chosen is not."""
    assert "auth_session_length" not in (project / ANSWERS_FILE).read_text()
    return load_answers(project / ANSWERS_FILE).auth_session_days


def test_a_session_lasts_as_chosen(template: Path, tmp_path: Path) -> None:
    """Another number is typed; it stays, until another is asked for or given."""
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
    assert questions(at_a_terminal(command, tmp_path, env, within=120)) == []
    assert days_of(tmp_path) == 45
    commit_all(tmp_path)
    asking = f"{command} --ask auth_session_length"
    keys = {_LENGTH: 2 * _UP + _ENTER}
    said = at_a_terminal(asking, tmp_path, env, within=120, keys=keys)
    assert questions(said) == [_LENGTH]
    assert days_of(tmp_path) == 30


HOSTS = {
    "an empty folder": lambda folder: folder,
    "one module": flat,
    "the full-stack shape": full_stack,
}


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("host", HOSTS)
def test_only_what_is_the_users_to_decide_is_asked(
    template: Path, tmp_path: Path, host: str, columns: int
) -> None:
    """At most eight questions, in lines that fit the terminal, without broken words."""
    HOSTS[host](tmp_path)
    if host != "an empty folder":
        commit_all(tmp_path)
    command = f"{COPIER} copy --trust --skip-tasks --quiet {template} ."
    said = at_a_terminal(command, tmp_path, os.environ, within=120, columns=columns)
    asked = questions(said)
    assert len(asked) <= 8, asked
    assert asked[0].startswith("Use these?")
    assert asked[-1].startswith("Anything else to set?")
    ours = [line for line in shown(said) if "arrow keys" not in line]
    assert [line for line in ours if _cells(line) > columns] == []
    kept = (tmp_path / ANSWERS_FILE).read_text()
    assert "auth_use_found" not in kept
    assert "auth_more" not in kept


def _cells(line: str) -> int:
    """Return how many columns a terminal needs; its symbol is two wide."""
    return len(line) + line.count("🎤")


def test_what_was_found_can_be_said_to_be_wrong(template: Path, tmp_path: Path) -> None:
    """Each fact is a question then, with what was found as its default."""
    flat(tmp_path)
    commit_all(tmp_path)
    keys = {
        "Use these?": "n",
        "Which new folder": f"{_CLEAR}sign_in{_ENTER}",
        "Anything else": "y",
        "history records": "n",
    }
    command = f"{COPIER} copy --trust --skip-tasks {template} ."
    said = at_a_terminal(command, tmp_path, os.environ, within=120, keys=keys)
    assert len(questions(said)) > 15
    answers = load_answers(tmp_path / ANSWERS_FILE)
    assert answers.auth_package_dir == "sign_in"
    assert not answers.auth_records
    assert answers.auth_app == "main:app"


def test_what_cannot_be_known_is_asked(template: Path, tmp_path: Path) -> None:
    """Which of two applications is meant, before what is used of it is shown."""
    app = (
        "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/orders")\ndef orders() -> None: ...\n'
    )
    files = {"main.py": app, "requirements.txt": "fastapi\n"}
    both = {
        f"{place}/{n}": text for place in ("one", "two") for n, text in files.items()
    }
    build(tmp_path, both)
    commit_all(tmp_path)
    keys = {"Which application should know": _DOWN + _ENTER}
    command = f"{COPIER} copy --trust --skip-tasks {template} ."
    said = at_a_terminal(command, tmp_path, os.environ, within=120, keys=keys)
    assert len(questions(said)) <= 9
    assert load_answers(tmp_path / ANSWERS_FILE).auth_backend_dir == "two"
    assert any("main:app in two" in line for line in shown(said))


@pytest.mark.parametrize("columns", [60, 80])
def test_a_refusal_fits_the_terminal(
    template: Path, tmp_path: Path, columns: int
) -> None:
    """Its words stay whole, so that what is to be typed can be read."""
    flat(tmp_path)
    commit_all(tmp_path)
    (tmp_path / "main.py").write_text("changed\n")
    command = f"! {COPIER} copy --trust --quiet {template} ."
    said = at_a_terminal(command, tmp_path, os.environ, within=60, columns=columns)
    assert "auth_allow_dirty" in said
    assert [line for line in shown(said) if len(line) > columns] == []


def test_what_is_discovered_fits_the_terminal(tmp_path: Path) -> None:
    """Each fact with its place, without a broken word."""
    full_stack(tmp_path)
    command = f"{COPIER.with_name('copier-better-auth')} discover"
    said = at_a_terminal(command, tmp_path, os.environ, within=60, columns=60)
    assert "backend/app/main.py:7" in said
    assert broken_words(said, 60) == []


def test_a_script_that_gives_every_answer_is_asked_nothing(
    template: Path, tmp_path: Path
) -> None:
    """Without ``--defaults`` too, and without a terminal."""
    given = {
        "auth_methods": "[email_password]",
        "auth_email_verification": "true",
        "auth_session_validation": "cached",
        "auth_session_days": "30",
        "auth_cors_origins": "http://localhost:3000",
        "auth_deployment": "local",
    }
    options = [part for n, value in given.items() for part in ("-d", f"{n}={value}")]
    arguments = ["copy", "--trust", "--skip-tasks", *options, str(template), "."]
    done = run_copier(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert days_of(tmp_path) == 30


def test_any_number_of_days_can_be_given(template: Path, tmp_path: Path) -> None:
    """For scripts, the number is all."""
    options = ("--skip-tasks", "-d", "auth_session_days=45")
    assert copy(template, tmp_path, *options).returncode == 0
    assert days_of(tmp_path) == 45
