"""The auth package needs nothing above the folder that it is imported from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.auth_server import render
from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

# Deeper in the repository than the copy is in the file system: as an image with the
# backend at /app is to its repository, on whatever path these tests run.
BACKEND = "/".join(["monorepo", *"abcdefghijklmno", "apps", "api"])
IMPORT_ALL = """
import importlib, pkgutil, app
for module in pkgutil.walk_packages(app.__path__, "app."):
    importlib.import_module(module.name)
from app.auth.config import get_auth_settings
print(get_auth_settings().better_auth_url)
"""


def _repository(folder: Path) -> Path:
    return build(
        folder,
        {
            f"{BACKEND}/requirements.txt": "fastapi\nsqlalchemy\nalembic\nasyncpg\n",
            f"{BACKEND}/app/__init__.py": "",
            f"{BACKEND}/app/db.py": """
                from sqlalchemy.ext.asyncio import create_async_engine
                from sqlalchemy.orm import DeclarativeBase

                engine = create_async_engine("postgresql+asyncpg://app@127.0.0.1/app")


                class Base(DeclarativeBase):
                    pass
                """,
            f"{BACKEND}/app/main.py": """
                from fastapi import FastAPI

                from app.db import engine

                app = FastAPI()
                """,
            f"{BACKEND}/alembic.ini": "[alembic]\nscript_location = migrations\n",
            f"{BACKEND}/migrations/env.py": """
                from app.db import Base

                target_metadata = Base.metadata
                """,
            f"{BACKEND}/migrations/versions/a1.py": """
                revision = "a1"
                down_revision = None
                """,
        },
    )


@pytest.mark.parametrize(
    ("strategy", "engine"),
    [
        ("database", "app.db:engine"),
        ("database", ""),
        ("cached", "app.db:engine"),
        ("jwt", ""),
    ],
)
def test_every_module_is_imported_where_only_the_backend_was_copied(
    template: Path, tmp_path: Path, strategy: str, engine: str
) -> None:
    """As `COPY . /app` leaves it: no module fails, and the environment is enough."""
    repository = _repository(tmp_path / "repository")
    answers = {"auth_session_validation": strategy, "auth_database_symbol": engine}
    render(template, repository, answers)
    assert _imported(repository, tmp_path / "i") == "https://auth.example.com"


def test_a_new_project_s_modules_are_imported_there_too(
    template: Path, tmp_path: Path
) -> None:
    """Its own settings look for the auth server's file in the same way."""
    render(template, tmp_path / "new", {"auth_backend_dir": BACKEND})
    assert _imported(tmp_path / "new", tmp_path / "i") == "https://auth.example.com"


def _imported(repository: Path, image: Path) -> str:
    """Copy the backend alone, import all of it; return what the package then reads."""
    shutil.copytree(repository / BACKEND, image)
    assert len(image.parents) < len((repository / BACKEND / "app/auth").parents)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL],
        cwd=image,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": "postgresql://app@127.0.0.1/app",
            "BETTER_AUTH_SECRET": "a secret of thirty-two characters or more",
            "BETTER_AUTH_URL": "https://auth.example.com",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()
