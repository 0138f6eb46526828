"""Twice is once: a second copy on the finished project changes no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.copier_cli import copy
from support.repositories import build, full_stack, workspace
from support.template import commit_all, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def stamped(folder: Path) -> Path:
    """A chain that does not start from empty; comments end its lines."""
    return build(
        folder,
        {
            ".gitignore": ".env\n",
            "requirements.txt": "alembic\nasyncpg\nfastapi\nsqlalchemy\n",
            "Dockerfile": """
                FROM python:3.13-slim
                RUN pip install -r requirements.txt
                CMD ["uvicorn", "src.main:app"]
                """,
            "docker-compose.yml": """
                services:
                  api:
                    build: .
                    environment:
                      DATABASE_URL: postgresql+asyncpg://shop:shop@db:5432/shop
                    depends_on: [db]  # no health check
                    command: uvicorn src.main:app --host 0.0.0.0
                    ports: ["8000:8000"]
                  db:
                    image: postgres:16
                    environment:
                      POSTGRES_USER: shop
                      POSTGRES_PASSWORD: shop
                      POSTGRES_DB: shop
                """,
            ".env.example": "DATABASE_URL=postgresql+asyncpg://shop:shop@db:5432/shop",
            "src/main.py": """
                from fastapi import FastAPI
                from fastapi.middleware.cors import CORSMiddleware

                from src.db import engine

                app = FastAPI(
                    title="Shop",  # the public name
                )
                app.add_middleware(
                    CORSMiddleware,
                    allow_origins=["http://localhost:5173"],  # the front end
                    allow_methods=["*"],  # every one
                )
                """,
            "src/db.py": """
                from sqlalchemy.ext.asyncio import create_async_engine
                from sqlalchemy.orm import DeclarativeBase

                engine = create_async_engine("postgresql+asyncpg://shop@db/shop")


                class Base(DeclarativeBase):
                    pass
                """,
            "alembic.ini": "[alembic]\nscript_location = alembic\n",
            "alembic/env.py": """
                from alembic import context

                from src.db import Base


                def run(connection):
                    context.configure(
                        connection=connection,
                        target_metadata=Base.metadata,
                        compare_type=True,  # types as well
                    )
                    context.run_migrations()
                """,
            "alembic/versions/f4_first.py": """
                from alembic import op

                revision = "f4"
                down_revision = None


                def upgrade():
                    op.alter_column("users", "name", nullable=False)
                """,
        },
    )


def monorepo(folder: Path) -> Path:
    """A front end in a workspace, and a backend two folders down."""
    return workspace(folder, "hatch", "pnpm")


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        (stamped, ()),
        (stamped, ("-d", "auth_deployment=docker")),
        (full_stack, ("-d", "auth_session_validation=jwt")),
        (monorepo, ("-d", "auth_deployment=vercel")),
    ],
    ids=["stamped", "compose", "tokens", "monorepo"],
)
def test_a_second_copy_changes_nothing(
    template: Path,
    tmp_path: Path,
    shape: Callable[[Path], Path],
    options: tuple[str, ...],
) -> None:
    """Neither what is the user's nor what is ours, the records of a run included."""
    shape(tmp_path)
    first = copy(template, tmp_path, *options)
    assert first.returncode == 0, first.stderr
    commit_all(tmp_path, "copied")
    again = copy(template, tmp_path, *options)
    assert again.returncode == 0, again.stderr
    assert git(tmp_path, "status", "--porcelain") == ""
