"""Small realistic repositories that a user could have, built from text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from support.template import commit_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def build(folder: Path, files: Mapping[str, str]) -> Path:
    """Write ``files`` (path to text, indented as the caller likes) and commit them."""
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"))
    commit_all(folder, "the user's own work")
    return folder


def flat(folder: Path) -> Path:
    """One ``main.py``, a ``requirements.txt``, a test, no database."""
    return build(
        folder,
        {
            "main.py": '''
                """A shop's price list."""

                from fastapi import FastAPI

                app = FastAPI(title="Prices")

                PRICES = {"tea": 3, "coffee": 4}


                @app.get("/prices/{item}")
                def price(item: str) -> dict[str, int]:
                    return {item: PRICES[item]}
                ''',
            "test_main.py": """
                from fastapi.testclient import TestClient

                from main import app


                def test_price():
                    assert TestClient(app).get("/prices/tea").json() == {"tea": 3}
                """,
            "requirements.txt": """
                fastapi>=0.115
                uvicorn[standard]>=0.30
                """,
            ".gitignore": "__pycache__/\n.venv/\n",
        },
    )


def factory(folder: Path) -> Path:
    """A package below ``src`` whose application a function makes; no database."""
    return build(
        folder,
        {
            "src/shop/__init__.py": "",
            "src/shop/web.py": """
                from fastapi import FastAPI


                def create_app() -> FastAPI:
                    app = FastAPI(title="Shop")
                    return app
                """,
            "requirements.txt": """
                fastapi>=0.115
                uvicorn>=0.30
                """,
            ".gitignore": "__pycache__/\n",
        },
    )


_BACKENDS = {
    "poetry": """
        [tool.poetry]
        package-mode = false

        [tool.poetry.dependencies]
        python = "^3.11"
        fastapi = ">=0.115"
        uvicorn = ">=0.30"
        """,
    "hatch": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"

        [project]
        name = "shop"
        version = "0.1.0"
        requires-python = ">=3.11"
        dependencies = ["fastapi>=0.115", "uvicorn>=0.30"]

        [tool.hatch.envs.default]
        installer = "uv"
        """,
}
_WORKSPACES = {
    "pnpm": {"pnpm-lock.yaml": "", "pnpm-workspace.yaml": "packages: [web]\n"},
    "yarn": {"yarn.lock": ""},
}


def workspace(folder: Path, python: str, node: str) -> Path:
    """A front end in a workspace of the root's, and a backend two folders down."""
    return build(
        folder,
        {
            **_WORKSPACES[node],
            "package.json": """
                {"name": "shop", "private": true, "workspaces": ["web"]}
                """,
            "web/package.json": """
                {"name": "web", "private": true, "dependencies": {"react": "19.2.0"}}
                """,
            "services/api/pyproject.toml": _BACKENDS[python],
            "services/api/shop/__init__.py": "",
            "services/api/shop/main.py": """
                from fastapi import FastAPI

                app = FastAPI(title="Shop")
                """,
            ".gitignore": "__pycache__/\nnode_modules/\n.venv/\n",
        },
    )


def sql_files(folder: Path) -> Path:
    """An application on asyncpg whose tables are made by numbered SQL files."""
    return build(
        folder,
        {
            "requirements.txt": "asyncpg\nfastapi\n",
            "main.py": """
                import asyncpg
                from fastapi import FastAPI

                app = FastAPI()


                @app.get("/")
                async def home() -> str:
                    pool = await asyncpg.create_pool("postgresql://app@localhost/app")
                    return str(await pool.fetchval("select 1"))
                """,
            "migrations/001_notes.sql": "CREATE TABLE notes (id bigint);\n",
            ".gitignore": "__pycache__/\n",
        },
    )


def full_stack(folder: Path) -> Path:
    """The shape of the full-stack template: backend folder, routers, SQLModel."""
    return build(
        folder,
        {
            "README.md": "# Shop\n",
            ".gitignore": "__pycache__/\n.venv/\n.env\nnode_modules/\n",
            ".env.example": "DATABASE_URL=postgresql+psycopg://app@localhost/app\n",
            "backend/pyproject.toml": """
                [project]
                name = "shop"
                version = "0.1.0"
                requires-python = ">=3.11"
                dependencies = [
                    "alembic>=1.13",
                    "fastapi[standard]>=0.115",
                    "psycopg[binary]>=3.2",
                    "pydantic-settings>=2.4",
                    "sqlmodel>=0.0.22",
                ]

                [dependency-groups]
                dev = ["pytest>=8"]

                [tool.uv]
                package = false
                """,
            "backend/uv.lock": 'version = 1\nrequires-python = ">=3.11"\n',
            "backend/app/__init__.py": "",
            "backend/app/main.py": """
                from fastapi import FastAPI
                from starlette.middleware.cors import CORSMiddleware

                from app.api.main import api_router
                from app.core.config import settings

                app = FastAPI(
                    title=settings.PROJECT_NAME,
                    openapi_url=f"{settings.API_V1_STR}/openapi.json",
                )

                # Set all CORS enabled origins
                if settings.CORS_ORIGINS:
                    app.add_middleware(
                        CORSMiddleware,
                        allow_origins=settings.CORS_ORIGINS,
                        allow_credentials=True,
                        allow_methods=["*"],
                        allow_headers=["*"],
                    )

                app.include_router(api_router, prefix=settings.API_V1_STR)
                """,
            "backend/app/api/__init__.py": "",
            "backend/app/api/deps.py": """
                from collections.abc import Generator
                from typing import Annotated

                from fastapi import Depends
                from sqlmodel import Session

                from app.core.db import engine


                def get_db() -> Generator[Session, None, None]:
                    with Session(engine) as session:
                        yield session


                SessionDep = Annotated[Session, Depends(get_db)]
                """,
            "backend/app/api/main.py": """
                from fastapi import APIRouter

                from app.api.routes import items, utils

                api_router = APIRouter()
                api_router.include_router(utils.router)
                api_router.include_router(items.router)
                """,
            "backend/app/api/routes/__init__.py": "",
            "backend/app/api/routes/items.py": """
                from typing import Any

                from fastapi import APIRouter
                from sqlmodel import select

                from app.api.deps import SessionDep
                from app.models import Item

                router = APIRouter(prefix="/items", tags=["items"])


                @router.get("/", response_model=list[Item])
                def read_items(session: SessionDep) -> Any:
                    return session.exec(select(Item)).all()
                """,
            "backend/app/api/routes/utils.py": """
                from fastapi import APIRouter

                router = APIRouter(prefix="/utils", tags=["utils"])


                @router.get("/health-check/")
                async def health_check() -> bool:
                    return True
                """,
            "backend/app/core/__init__.py": "",
            "backend/app/core/config.py": """
                from pydantic_settings import BaseSettings, SettingsConfigDict


                class Settings(BaseSettings):
                    model_config = SettingsConfigDict(
                        env_file="../.env", env_ignore_empty=True, extra="ignore"
                    )
                    API_V1_STR: str = "/api/v1"
                    PROJECT_NAME: str = "Shop"
                    DATABASE_URL: str
                    CORS_ORIGINS: list[str] = ["http://localhost:5173"]


                settings = Settings()  # type: ignore
                """,
            "backend/app/core/db.py": """
                from sqlmodel import create_engine

                from app.core.config import settings

                engine = create_engine(settings.DATABASE_URL)
                """,
            "backend/app/models.py": """
                import uuid

                from sqlmodel import Field, SQLModel


                class User(SQLModel, table=True):
                    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
                    email: str = Field(unique=True, index=True, max_length=255)


                class Item(SQLModel, table=True):
                    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
                    title: str = Field(max_length=255)
                """,
            "backend/app/alembic/env.py": """
                from logging.config import fileConfig

                from alembic import context
                from sqlalchemy import engine_from_config, pool

                # this is the Alembic Config object, which provides
                # access to the values within the .ini file in use.
                config = context.config

                fileConfig(config.config_file_name)

                from app.models import SQLModel  # noqa
                from app.core.config import settings  # noqa

                target_metadata = SQLModel.metadata


                def get_url():
                    return str(settings.DATABASE_URL)


                def run_migrations_offline():
                    context.configure(
                        url=get_url(),
                        target_metadata=target_metadata,
                        literal_binds=True,
                        compare_type=True,
                    )
                    with context.begin_transaction():
                        context.run_migrations()


                def run_migrations_online():
                    configuration = config.get_section(config.config_ini_section)
                    configuration["sqlalchemy.url"] = get_url()
                    connectable = engine_from_config(
                        configuration,
                        prefix="sqlalchemy.",
                        poolclass=pool.NullPool,
                    )
                    with connectable.connect() as connection:
                        context.configure(
                            connection=connection,
                            target_metadata=target_metadata,
                            compare_type=True,
                        )
                        with context.begin_transaction():
                            context.run_migrations()


                if context.is_offline_mode():
                    run_migrations_offline()
                else:
                    run_migrations_online()
                """,
            "backend/app/alembic/script.py.mako": '''
                """${message}

                Revision ID: ${up_revision}
                Revises: ${down_revision | comma,n}
                Create Date: ${create_date}

                """
                from alembic import op
                import sqlalchemy as sa
                ${imports if imports else ""}

                revision = ${repr(up_revision)}
                down_revision = ${repr(down_revision)}
                branch_labels = ${repr(branch_labels)}
                depends_on = ${repr(depends_on)}


                def upgrade():
                    ${upgrades if upgrades else "pass"}


                def downgrade():
                    ${downgrades if downgrades else "pass"}
                ''',
            "backend/app/alembic/versions/e2412789c190_initialize_models.py": '''
                """Initialize models

                Revision ID: e2412789c190
                Revises:
                Create Date: 2025-11-24 22:55:43.195942

                """
                import sqlalchemy as sa
                import sqlmodel.sql.sqltypes
                from alembic import op

                # revision identifiers, used by Alembic.
                revision = "e2412789c190"
                down_revision = None
                branch_labels = None
                depends_on = None


                def upgrade():
                    op.create_table(
                        "user",
                        sa.Column("id", sa.Uuid(), nullable=False),
                        sa.Column(
                            "email",
                            sqlmodel.sql.sqltypes.AutoString(length=255),
                            nullable=False,
                        ),
                        sa.PrimaryKeyConstraint("id"),
                    )
                    op.create_index("ix_user_email", "user", ["email"], unique=True)
                    op.create_table(
                        "item",
                        sa.Column("id", sa.Uuid(), nullable=False),
                        sa.Column(
                            "title",
                            sqlmodel.sql.sqltypes.AutoString(length=255),
                            nullable=False,
                        ),
                        sa.PrimaryKeyConstraint("id"),
                    )


                def downgrade():
                    op.drop_table("item")
                    op.drop_index(op.f("ix_user_email"), table_name="user")
                    op.drop_table("user")
                ''',
            "backend/alembic.ini": """
                [alembic]
                script_location = app/alembic

                [loggers]
                keys = root

                [handlers]
                keys = console

                [formatters]
                keys = generic

                [logger_root]
                level = WARN
                handlers = console
                qualname =

                [handler_console]
                class = StreamHandler
                args = (sys.stderr,)
                level = NOTSET
                formatter = generic

                [formatter_generic]
                format = %(levelname)-5.5s [%(name)s] %(message)s
                """,
            "backend/tests/test_items.py": """
                from fastapi.testclient import TestClient

                from app.main import app


                def test_health():
                    client = TestClient(app)
                    assert client.get("/api/v1/utils/health-check/").json() is True
                """,
        },
    )
