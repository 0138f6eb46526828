"""Lists of packages that are not UTF-8 stay what they are, and get what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.edits import plan_edits
from copier_better_auth.model import Integration
from copier_better_auth.repository import Repository
from copier_better_auth.workspace import Workspace
from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
FROZEN = "# paquets gelés\r\nfastapi==0.115.0\r\nuvicorn==0.34.0\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "utf-8"]
)
def test_a_list_of_packages_keeps_its_encoding(tmp_path: Path, encoding: str) -> None:
    """``pip freeze >`` writes UTF-16 in PowerShell, and pip goes on reading it."""
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    before = f"{mark}{FROZEN}".encode(encoding)
    build(tmp_path, {"main.py": APP})
    (tmp_path / "requirements.txt").write_bytes(before)
    facts = discover(tmp_path)
    found = suggestions(facts, Repository(tmp_path))
    answers = parse_answers({**found, "auth_server_dir": "auth-server"})
    plan = plan_edits(Integration(root=tmp_path, answers=answers, facts=facts))
    (edit,) = [edit for edit in plan.edits if edit.path == "requirements.txt"]
    assert edit.before == before
    assert edit.after is not None
    after = edit.after.decode(encoding)
    assert after.startswith(f"{mark}# paquets gelés\r\n")
    lines = after.removeprefix(mark).split("\r\n")
    assert {*FROZEN.split("\r\n")} < {*lines}
    assert not any("\n" in line for line in lines)
    assert any(line.startswith("pydantic-settings>=") for line in lines)


def test_the_change_passes_the_check_of_what_is_written(tmp_path: Path) -> None:
    """Nothing is left to do by hand, and what is written is still such a list."""
    build(tmp_path, {"main.py": APP})
    listed = tmp_path / "requirements.txt"
    listed.write_bytes(f"\ufeff{FROZEN}".encode("utf-16-le"))
    facts = discover(tmp_path)
    found = suggestions(facts, Repository(tmp_path))
    answers = parse_answers({**found, "auth_server_dir": "auth-server"})
    plan = plan_edits(Integration(root=tmp_path, answers=answers, facts=facts))
    Workspace(tmp_path).apply(plan)
    assert "asyncpg>=" in listed.read_bytes().decode("utf-16")
    assert "requirements.txt" not in [step.path for step in plan.manual_steps]
