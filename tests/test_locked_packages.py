"""A project that is locked to pydantic 1 is refused before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.copier_cli import copy
from support.repositories import build
from support.template import git

if TYPE_CHECKING:
    from pathlib import Path

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
LIST = '[project]\nname = "shop"\ndependencies = ["fastapi>=0.98"]\n'
LOCK = '[[package]]\nname = "pydantic"\nversion = "{}"\n'


@pytest.mark.parametrize("name", ["pdm.lock", "backend/poetry.lock"])
def test_a_lock_of_pydantic_1(template: Path, tmp_path: Path, name: str) -> None:
    """The list allows more, but the code that runs is written for what is locked."""
    folder = name.rpartition("/")[0]
    beginning = f"{folder}/" if folder else ""
    files = {"main.py": APP, "pyproject.toml": LIST}
    files = {f"{beginning}{path}": text for path, text in files.items()}
    build(tmp_path, files | {name: LOCK.format("1.10.9")})
    result = copy(template, tmp_path)
    assert result.returncode == 1
    said = result.stderr.splitlines()[-1]
    assert said.startswith(f"{name}: pydantic 1.10.9 is too old")
    assert git(tmp_path, "status", "--porcelain") == ""


def test_a_lock_of_pydantic_2(template: Path, tmp_path: Path) -> None:
    """It is fine."""
    files = {"main.py": APP, "pyproject.toml": LIST, "uv.lock": LOCK.format("2.11.7")}
    build(tmp_path, files)
    assert copy(template, tmp_path).returncode == 0
