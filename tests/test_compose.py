"""The project's own compose file: valid as before, one story with the auth server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.diagnostics import run_checks
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.edits import plan_edits
from copier_better_auth.env.dotenv import entries
from copier_better_auth.model import Integration, Outcome, Plan
from copier_better_auth.records import check_plan
from copier_better_auth.report.discovery import render_report
from copier_better_auth.report.outcome import render_outcome
from copier_better_auth.report.plan import render_plan
from copier_better_auth.repository import Repository
from copier_better_auth.workspace import Workspace
from support.by_hand import do_all
from support.composed import configured
from support.newcomer import next_commands
from support.repositories import build

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BACKEND = {
    "apps/api/requirements.txt": "fastapi\nuvicorn\nsqlalchemy\nasyncpg\nalembic\n",
    "apps/api/app/__init__.py": "",
    "apps/api/app/db.py": """
        import os

        from sqlalchemy.ext.asyncio import create_async_engine
        from sqlalchemy.orm import DeclarativeBase

        engine = create_async_engine(os.environ["DATABASE_URL"])


        class Base(DeclarativeBase):
            pass
        """,
    "apps/api/app/main.py": """
        from fastapi import FastAPI

        from app.db import engine

        app = FastAPI()
        """,
    "apps/api/alembic.ini": "[alembic]\nscript_location = migrations\n",
    "apps/api/migrations/env.py": """
        from app.db import Base

        target_metadata = Base.metadata
        """,
    "apps/api/migrations/versions/a1.py": 'revision = "a1"\ndown_revision = None\n',
    "apps/api/Dockerfile": """
        FROM python:3.13-slim
        WORKDIR /app
        COPY requirements.txt .
        RUN pip install -r requirements.txt
        COPY . .
        CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]
        """,
    ".gitignore": ".env\n__pycache__/\n",
}
MONGO = {
    "apps/api/requirements.txt": "fastapi\nuvicorn\nmotor\n",
    "apps/api/app/db.py": """
        from motor.motor_asyncio import AsyncIOMotorClient

        client = AsyncIOMotorClient("mongodb://mongo:27017")
        """,
    "apps/api/app/main.py": """
        from fastapi import FastAPI

        from app.db import client

        app = FastAPI()


        @app.get("/")
        async def home() -> dict[str, int]:
            return {"notes": await client.app.notes.count_documents({})}
        """,
}


RUN_BY_HAND = """
    services:
      db:
        image: postgres:17
      api:
        build: apps/api
        environment:
          DATABASE_URL: postgresql+asyncpg://postgres@db/postgres
        ports: ["8000:8000"]
    """
OWN_SERVICE = """
    services:
      api:
        build: apps/api
        environment:
          DATABASE_URL: postgresql+asyncpg://postgres@db/postgres
        ports: ["8000:8000"]
      migrations:
        build: apps/api
        command: [alembic, upgrade, head]
        {profiles}
    """


@dataclass(frozen=True, kw_only=True)
class Host:
    """A project that runs in compose: its file, what was enough, what comes of it."""

    compose: str
    path: str = "docker-compose.yml"
    dotenv: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, object] = field(default_factory=dict)
    api: str = "api"
    auth_url: str
    by_hand: tuple[str, ...] = ()


HOSTS = {
    "all is written down": Host(
        compose="""
            # Everything that runs.
            services:
              database:
                image: postgis/postgis:17-3.5
                environment:
                  - POSTGRES_USER=app
                  - POSTGRES_PASSWORD=hunter2#long
                  - POSTGRES_DB=shop

              api:
                build: ./apps/api   # the image of production
                environment:
                  - DATABASE_URL=postgresql+asyncpg://app:hunter2%23long@database/shop
                  # Not yet:
                  # - DEBUG=1
                ports: ["8000:8000"]

            volumes: {}
            """,
        auth_url="postgresql+asyncpg://app:hunter2%23long@database/shop",
    ),
    "all is in the environment": Host(
        compose="""
            services:
                db:
                    image: postgres:17
                    environment:
                        POSTGRES_USER: ${POSTGRES_USER:?no user}
                        POSTGRES_PASSWORD: ${POSTGRES_PASSWORD?Variable not set}
                        POSTGRES_DB: ${POSTGRES_DB:-shop}
                    networks: [inside]
                    profiles: [full]
                    healthcheck:
                        test: ["CMD", "pg_isready"]
                api:
                    profiles: [full]
                    build:
                        context: apps/api
                    environment:
                        DB_HOST: db
                    networks:
                        - inside
                        - outside
                worker:
                    profiles: [full]
                    build:
                        context: apps/api
                    command: celery -A app.tasks worker
                grafana:
                    image: grafana/grafana
                    ports:
                        - 3001:3000
            networks:
                inside:
                outside:
            """,
        dotenv="POSTGRES_USER=app\nPOSTGRES_PASSWORD=a-long-password\n",
        auth_url="postgresql://app:a-long-password@db:5432/shop",
    ),
    "by an env file, elsewhere, without environment": Host(
        path="deploy/compose.yaml",
        compose="""
            services:
              pg:
                image: pgvector/pgvector:pg17
                env_file: .env
              web:
                build:
                  context: ..
                  dockerfile: apps/api/Dockerfile
                env_file:
                  - .env
            """,
        dotenv="POSTGRES_PASSWORD=a-long-password\n",
        api="web",
        auth_url="postgresql://postgres:a-long-password@pg:5432/postgres",
    ),
    "an environment that services share": Host(
        compose="""
            x-app: &app
              build: ./apps/api
              environment: &variables
                DATABASE_URL: postgresql+asyncpg://postgres@db/postgres

            services:
              db:
                image: postgres:17
                environment: {POSTGRES_HOST_AUTH_METHOD: trust}
              api:
                <<: *app
              worker:
                <<: *app
                command: arq app.worker.Settings
            """,
        auth_url="postgresql+asyncpg://postgres@db/postgres",
        by_hand=("connect-compose-backend",),
    ),
    "settings that refuse what they do not know": Host(
        files={
            "apps/api/app/settings.py": """
                from pydantic_settings import BaseSettings


                class Settings(BaseSettings):
                    model_config = {"env_file": "../../.env"}
                    database_url: str
                """
        },
        compose="""
            services:
              api:
                build: ./apps/api
                environment:
                  DATABASE_URL: ${DATABASE_URL}
            """,
        dotenv="DATABASE_URL=postgresql+asyncpg://app:a-long-password@db.test/shop\n",
        auth_url="postgresql+asyncpg://app:a-long-password@db.test/shop",
        by_hand=("share-compose-secret",),
    ),
    "another database, and JWTs": Host(
        files=MONGO,
        answers={"auth_session_validation": "jwt"},
        compose="""
            services:
              mongo:
                image: mongo:8
              api:
                build: ./apps/api
            """,
        auth_url="postgresql://postgres:postgres@auth-database:5432/postgres",
    ),
}


def connected(project: Path, answers: Mapping[str, object]) -> str:
    """Plan and apply the edits, as a copy does; return what a person reads."""
    facts = discover(project)
    found = suggestions(facts, Repository(project))
    given = parse_answers({**found, "auth_server_dir": "auth-server", **answers})
    integration = Integration(root=project, answers=given, facts=facts)
    plan = plan_edits(integration)
    assert all(p.held for p in check_plan(integration, plan.edits, plan))
    Workspace(project).apply(plan)
    return render_plan(plan, applied=True)


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_what_was_enough_before_is_enough_after(tmp_path: Path, host: Host) -> None:
    """Each service is as it was; two more sign in, with one secret and one database."""
    build(tmp_path, {**BACKEND, **host.files, host.path: host.compose})
    env = (tmp_path / host.path).with_name(".env")
    env.write_text(host.dotenv)
    source = (tmp_path / host.path).read_text()
    before = configured((tmp_path / host.path).parent, profile="full")
    answers = {"auth_deployment": "docker", **host.answers}
    report = connected(tmp_path, answers)
    after = configured((tmp_path / host.path).parent, profile="full")
    auth = after["auth-server"]
    assert auth["environment"]["DATABASE_URL"] == host.auth_url
    (port,) = auth["ports"]
    address = f"http://localhost:{port.split(':')[1]}"
    assert auth["environment"]["BETTER_AUTH_URL"] == address
    secret = entries((tmp_path / "auth-server/.env").read_text())["BETTER_AUTH_SECRET"]
    shared = secret if "share-compose-secret" not in host.by_hand else ""
    assert auth["environment"]["BETTER_AUTH_SECRET"] == shared
    assert secret not in report
    for name, service in before.items():
        mine = dict(after[name])
        was, now = service.get("environment", {}), mine.pop("environment", {})
        assert {k: now[k] for k in was} == was
        assert mine == {k: v for k, v in service.items() if k != "environment"}
    lines = iter((tmp_path / host.path).read_text().splitlines())
    assert all(line in lines for line in source.splitlines())
    if "connect-compose-backend" in host.by_hand:
        do_all(tmp_path, report)
    given = configured((tmp_path / host.path).parent, profile="full")[host.api][
        "environment"
    ]
    assert given["BETTER_AUTH_URL"] == address
    if "auth_session_validation" in answers:
        assert given["JWKS_URL"] == "http://auth-server:3001/api/auth/jwks"
    else:
        assert given["BETTER_AUTH_SECRET"] == shared
    done = (tmp_path / host.path).read_text(), env.read_text()
    connected(tmp_path, answers)
    assert ((tmp_path / host.path).read_text(), env.read_text()) == done


@pytest.mark.parametrize(
    ("dotenv", "url"),
    [
        ("", ""),
        ("PG__USER=app\n", ""),
        ("PG__USER=app\nPG__PASSWORD=long\n", ""),
        (
            "PG__USER=app\nPG__PASSWORD=long\nPG__DB=shop\n",
            "postgresql://app:long@localhost:5432/shop",
        ),
    ],
    ids=["no .env", "a user alone", "no database", "all of them"],
)
def test_an_address_of_which_a_part_is_unknown_is_none(
    tmp_path: Path, dotenv: str, url: str
) -> None:
    """Half of one would be tried, and refused by the database, for a wrong reason."""
    compose = """
        services:
          db:
            image: postgres:17
            environment:
              - POSTGRES_USER=${PG__USER?not set}
              - POSTGRES_PASSWORD=${PG__PASSWORD?not set}
              - POSTGRES_DB=${PG__DB?not set}
          api:
            build: ./apps/api
        """
    build(tmp_path, {**BACKEND, "docker-compose.yml": compose})
    (tmp_path / ".env").write_text(dotenv)
    connected(tmp_path, {"auth_deployment": "docker"})
    env = (tmp_path / "auth-server/.env").read_text()
    assert entries(env).get("DATABASE_URL", "") == url


@pytest.mark.parametrize(
    ("address", "agreed"),
    [
        ("postgresql://app:p@localhost:5433/shop", True),
        ("postgresql://app:p@db:5432/shop", True),
        ("postgresql://app:p@localhost:5432/shop", False),
        ("postgresql://app:p@localhost:5433/other", False),
    ],
)
def test_a_published_database_is_one_database(
    tmp_path: Path, address: str, *, agreed: bool
) -> None:
    """By its name in compose and by its port on this machine, and by no other."""
    published = RUN_BY_HAND.replace(
        "image: postgres:17",
        'image: postgres:17\n        ports: ["${PORT:-5433}:5432"]',
    )
    build(
        tmp_path,
        {
            **BACKEND,
            "docker-compose.yml": published,
            "apps/api/.env": "DATABASE_URL=postgresql+asyncpg://app:p@db/shop\n",
            "auth-server/.env": f"DATABASE_URL={address}\n",
        },
    )
    facts = discover(tmp_path)
    answers = parse_answers(suggestions(facts, Repository(tmp_path)))
    project = Integration(root=tmp_path, answers=answers, facts=facts)
    (result,) = run_checks(project, only="BA009")
    assert ("two databases" in result.message + result.detail) is not agreed


OUTSIDE = "(cd apps/api && alembic upgrade head)"
MIGRATED = {
    "the image's own path": ({}, "run --rm api alembic upgrade head"),
    "by uv": (
        {"apps/api/Dockerfile": 'FROM uv\nCMD ["uv", "run", "uvicorn", "main:app"]\n'},
        "run --rm api uv run alembic upgrade head",
    ),
    "as the server's arguments": (
        {"apps/api/Dockerfile": 'FROM x\nENTRYPOINT ["uvicorn", "app.main:app"]\n'},
        "run --rm --entrypoint alembic api upgrade head",
    ),
    "as the project says": (
        {
            "Makefile": "migrate:\n\tdocker compose exec -T api"
            " poetry run alembic -c conf/alembic.ini upgrade head\n"
        },
        "run --rm api poetry run alembic -c conf/alembic.ini upgrade head",
    ),
    "outside, as the image has no alembic.ini": (
        {"apps/api/Dockerfile": 'FROM x\nCOPY app ./app\nCMD ["uvicorn"]\n'},
        OUTSIDE,
    ),
    "outside, as the image has no revisions": (
        {
            "apps/api/Dockerfile": "FROM x\nCOPY --from=deps /venv /venv\n"
            'COPY ["alembic.ini", "app", "/srv/"]\nCMD ["uvicorn"]\n'
        },
        OUTSIDE,
    ),
    "the files that the image copies": (
        {
            "apps/api/Dockerfile": "FROM x\nCOPY app/ ./app/\nCOPY *.ini \\\n ./\n"
            'COPY ./migrations migrations\nCMD ["uvicorn"]\n'
        },
        "run --rm api alembic upgrade head",
    ),
    "the files that are mounted": (
        {
            "apps/api/Dockerfile": 'FROM x\nCOPY app ./app\nCMD ["uvicorn"]\n',
            "docker-compose.yml": RUN_BY_HAND.replace(
                "ports:", "volumes: [./apps/api:/srv]\n        ports:"
            ),
        },
        "run --rm api alembic upgrade head",
    ),
    "when it is started": (
        {
            "apps/api/Dockerfile": 'FROM x\nCOPY start.sh /\nCMD ["/start.sh"]\n',
            "apps/api/start.sh": "alembic upgrade head\nexec uvicorn app.main:app\n",
        },
        "",
    ),
    "by a separate service": (
        {"docker-compose.yml": OWN_SERVICE.format(profiles="")},
        "",
    ),
    "by a service that is started by hand": (
        {"docker-compose.yml": OWN_SERVICE.format(profiles="profiles: [tools]")},
        "run --rm migrations",
    ),
}


@pytest.mark.parametrize("how", MIGRATED)
def test_what_migrates_needs_nothing_that_runs(tmp_path: Path, how: str) -> None:
    """Its own container, called as the image calls its server; or nothing."""
    given, command = MIGRATED[how]
    build(tmp_path, {**BACKEND, "docker-compose.yml": RUN_BY_HAND, **given})
    facts = discover(tmp_path)
    found = suggestions(facts, Repository(tmp_path))
    assert "next to api in docker-compose.yml" in render_report(facts)
    answers = parse_answers({**found, "auth_deployment": "docker"})
    outcome = Outcome(answers=answers, plan=Plan(), applied=True)
    start = next_commands(render_outcome(outcome, tmp_path))
    typed = [command for command in start if command.startswith("docker compose")]
    up = "docker compose up --build --detach"
    if command == OUTSIDE:
        assert (typed, command in "\n".join(start)) == ([up], True)
    else:
        assert typed == [up, *([f"docker compose {command}"] if command else [])]
