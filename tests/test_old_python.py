"""A project that certainly runs on Python 3.9 is refused before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.copier_api.old_python import refuse_old_python
from copier_better_auth.discovery import discover
from copier_better_auth.errors import AnswerError
from copier_better_auth.repository import Repository
from support.copier_cli import copy
from support.repositories import build
from support.template import git

if TYPE_CHECKING:
    from pathlib import Path

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
PROJECT = (
    "[project]\nname = 'shop'\nrequires-python = '{}'\ndependencies = ['fastapi']\n"
)
PIPFILE = '[packages]\nfastapi = "*"\n\n[requires]\npython_version = "{}"\n'


def refused(folder: Path, files: dict[str, str]) -> str:
    """Return what is said of a backend at the root; empty where it is not refused."""
    build(folder, {"main.py": APP, "requirements.txt": "fastapi\n", **files})
    try:
        refuse_old_python(Repository(folder), ".", discover(folder))
    except AnswerError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"pyproject.toml": PROJECT.format(">=3.8,<3.10")}, "pyproject.toml"),
        ({"Pipfile": PIPFILE.format("3.9")}, "Pipfile"),
        ({".python-version": "3.9.18\n"}, ".python-version"),
        ({"Dockerfile": "FROM python:3.9-slim AS base\n"}, "Dockerfile"),
        ({"Dockerfile": "FROM tiangolo/uvicorn-gunicorn-fastapi:python3.8\n"}, "Doc"),
    ],
)
def test_an_old_python_is_named(
    tmp_path: Path, files: dict[str, str], place: str
) -> None:
    """The line names the file, the version and what to do."""
    said = refused(tmp_path, files)
    assert said.startswith(place)
    assert said.endswith("move to Python 3.10 or newer first")


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": PROJECT.format(">=3.8")},
        {"pyproject.toml": PROJECT.format("~=3.12.4")},
        {"Pipfile": PIPFILE.format("3.12")},
        {".python-version": "shop-env\n"},
        {"Dockerfile": "FROM python:3.13\n", "tools/Dockerfile": "FROM python:3.8\n"},
        {"Dockerfile": "FROM node:20 AS page\nFROM python:3.9\nFROM python:3.12\n"},
        # What runs here is newer than what the image of another time was.
        {".python-version": "3.12\n", "Dockerfile": "FROM python:3.9\n"},
    ],
)
def test_what_may_be_newer_is_not_refused(
    tmp_path: Path, files: dict[str, str]
) -> None:
    """A lower bound alone says nothing about the Python that runs."""
    assert refused(tmp_path, files) == ""


def test_nothing_is_written(template: Path, tmp_path: Path) -> None:
    """The copy ends with that line, and the repository is as it was."""
    build(tmp_path, {"main.py": APP, "pyproject.toml": PROJECT.format("==3.9.*")})
    result = copy(template, tmp_path)
    assert result.returncode == 1
    assert "Python ==3.9.* is too old" in result.stderr.splitlines()[-1]
    assert git(tmp_path, "status", "--porcelain") == ""
