"""What SETUP.md says of Docker, done: each story to its end, without Docker itself."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import httpx
from support.composed import Composed, configured
from support.copier_cli import copy
from support.node import install_node_packages
from support.postgres import execute
from support.projects import set_env
from support.repositories import build as repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BACKEND = {
    "apps/api/requirements.txt": """
        fastapi
        uvicorn
        sqlalchemy
        psycopg[binary]
        alembic
        """,
    "apps/api/app/__init__.py": "",
    "apps/api/app/db.py": """
        import os

        from sqlalchemy import create_engine
        from sqlalchemy.orm import DeclarativeBase

        url = os.environ["DATABASE_URL"]
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


        class Base(DeclarativeBase):
            pass
        """,
    "apps/api/app/main.py": """
        from fastapi import FastAPI

        from app.db import engine

        app = FastAPI()
        """,
    "apps/api/alembic.ini": """
        [alembic]
        script_location = migrations
        prepend_sys_path = .
        """,
    "apps/api/migrations/script.py.mako": "",
    "apps/api/migrations/env.py": """
        from alembic import context

        from app.db import Base, engine

        target_metadata = Base.metadata

        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=target_metadata)
            with context.begin_transaction():
                context.run_migrations()
        """,
    "apps/api/migrations/versions/a1.py": """
        from alembic import op

        revision = "a1"
        down_revision = None


        def upgrade():
            op.execute("create table shop (id int)")


        def downgrade():
            op.execute("drop table shop")
        """,
    ".gitignore": ".env\n__pycache__/\n",
}
DOCKERFILE = """
    FROM python:3.13-slim
    WORKDIR /app
    COPY requirements.txt .
    RUN pip install -r requirements.txt
    COPY . .
    CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
    """
COMPOSE = """
    services:
      db:
        image: postgres:17
        environment:
          POSTGRES_PASSWORD: a-long-password
      api:
        build: ./apps/api
        environment:
          DATABASE_URL: postgresql://postgres:a-long-password@db:5432/postgres
        depends_on: [db]
        ports: ["8000:8000"]
    """
OPTIONS = (
    *("-d", "auth_deployment=docker", "-d", "auth_email_verification=false"),
    *("-d", "auth_database_provider=local"),
)


def blocks(server: Path, language: str) -> Iterator[str]:
    """Yield the code blocks of what SETUP.md says of Docker."""
    page = (server / "SETUP.md").read_text().partition("\n### Docker\n")[2]
    yield from re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page)


def copied(template: Path, project: Path, files: Mapping[str, str]) -> Path:
    """Give a repository the template, and its auth server what production needs."""
    if files:
        repository(project, files)
    done = copy(template, project, *OPTIONS)
    assert done.returncode == 0, done.stderr
    server = project / "auth-server"
    given = {"POSTGRES_PASSWORD": "letters", "EMAIL_FROM": "a@example.com"}
    set_env(server, **given, RESEND_API_KEY="re_test")
    install_node_packages(server)
    # As `npm run build` does, without checking types again.
    esbuild = server / "node_modules/.bin/esbuild"
    sources = sorted((server / "src").rglob("*.ts"))
    command = [esbuild, *sources, "--outdir=dist", "--outbase=src", "--log-level=error"]
    subprocess.run(command, cwd=server, check=True)
    return server


def signs_in(composed: Composed) -> None:
    """A person of one server is known to the other."""
    auth, api = (f"http://127.0.0.1:{composed.ports[n]}" for n in ("auth", "api"))
    new = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"}
    with httpx.Client(headers={"Origin": "http://localhost:3000"}) as browser:
        browser.post(f"{auth}/api/auth/sign-up/email", json=new).raise_for_status()
        assert browser.get(f"{api}/auth/me").json()["email"] == "ada@example.com"
    assert not list(composed.images.rglob(".env*"))


def test_a_new_project(template: Path, tmp_path: Path, database_url: str) -> None:
    """One command: Alembic makes the tables in FastAPI's image, then both serve."""
    server = copied(template, tmp_path / "project", {})
    composed = Composed(
        services=configured(server), images=tmp_path / "images", database=database_url
    )
    assert not composed.services["postgres"].get("ports")
    with composed.up():
        signs_in(composed)


def test_a_backend_that_has_no_dockerfile(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """With the two files of SETUP.md one command does it; without, Alembic is first."""
    project = tmp_path / "project"
    server = copied(template, project, BACKEND)
    alone = Composed(
        services=configured(server), images=tmp_path / "alone", database=database_url
    )
    (published,) = alone.services["postgres"]["ports"]
    assert "5432:" not in str(published)
    behind = alone.run("migrate")
    assert behind.returncode == 1
    assert "run `alembic upgrade head` in the backend first" in behind.stderr
    outside = list(blocks(server, "sh"))[-1].splitlines()
    assert outside == [
        "(cd auth-server && docker compose up --detach --wait postgres)",
        "(cd apps/api && alembic upgrade head)",
        "(cd auth-server && docker compose up --build --detach)",
        "(cd apps/api && uvicorn app.main:app)",
    ]
    (dockerfile,) = blocks(server, "dockerfile")
    (override,) = blocks(server, "yaml")
    (project / "apps/api/Dockerfile").write_text(dockerfile)
    (server / "compose.override.yaml").write_text(override)
    composed = Composed(
        services=configured(server), images=tmp_path / "images", database=database_url
    )
    with composed.up():
        signs_in(composed)
    assert execute(database_url, "select count(*) from shop") == "0"


def test_a_project_with_its_own_compose_file(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """The auth server is one more service; the tables are made in the backend's."""
    project = tmp_path / "project"
    own = {"apps/api/Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE}
    server = copied(template, project, {**BACKEND, **own})
    assert not (server / "compose.yaml").exists()
    composed = Composed(
        services=configured(project),
        images=tmp_path / "images",
        database=database_url,
        auth="auth-server",
    )
    page = (server / "SETUP.md").read_text()
    said = r"docker compose run --rm (?:--entrypoint (\S+) )?api "
    ((program, words),) = re.findall(rf"(?m)^{said}(.*)$", page)
    migration = f"{program} {words}"
    migrated = composed.run("api", *migration.split())
    assert migrated.returncode == 0, migrated.stderr
    with composed.up():
        signs_in(composed)
