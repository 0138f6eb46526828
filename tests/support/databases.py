"""Projects whose database is reached in each of the ways that people write."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.postgres import execute
from support.repositories import build

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SYNC_ENGINE = """
    import os

    from sqlalchemy import create_engine

    engine = create_engine(os.environ["DATABASE_URL"].replace("://", "+psycopg://"))
    """
_ASYNC_ENGINE = """
    import os

    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(os.environ["DATABASE_URL"].replace("://", "+asyncpg://"))
    """
_DECLARATIVE = """
    from sqlalchemy import ForeignKey, MetaData
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        metadata = MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        )


    class Note(Base):
        __tablename__ = "notes"
        id: Mapped[int] = mapped_column(primary_key=True)
    """
_SQLMODEL = """
    from sqlmodel import Field, SQLModel


    class Note(SQLModel, table=True):
        __tablename__ = "notes"
        id: int | None = Field(default=None, primary_key=True)
    """
_BARE = """
    from sqlalchemy import Column, Integer, MetaData, Table

    metadata = MetaData()
    notes = Table("notes", metadata, Column("id", Integer, primary_key=True))
    """
_OWNER = {
    "declarative": """

    from uuid import UUID

    from app.auth import tables  # noqa: F401


    class Draft(Base):
        __tablename__ = "drafts"
        id: Mapped[int] = mapped_column(primary_key=True)
        owner_id: Mapped[UUID] = mapped_column(
            ForeignKey("auth_user.id", ondelete="CASCADE")
        )
    """,
    "sqlmodel": """

    from uuid import UUID

    from app.auth import tables  # noqa: F401


    class Draft(SQLModel, table=True):
        __tablename__ = "drafts"
        id: int | None = Field(default=None, primary_key=True)
        owner_id: UUID = Field(foreign_key="auth_user.id", ondelete="CASCADE")
    """,
    "bare": """

    from sqlalchemy import ForeignKey

    from app.auth import tables  # noqa: F401

    drafts = Table(
        "drafts",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("owner_id", ForeignKey("auth_user.id", ondelete="CASCADE")),
    )
    """,
}
_ENV_SYNC = """
    from alembic import context

    from app.db import engine
    from app.models import {name}

    target_metadata = {metadata}

    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    """
_ENV_ASYNC = """
    import asyncio

    from alembic import context

    from app.db import engine
    from app.models import {name}

    target_metadata = {metadata}


    def migrate(connection):
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


    async def main():
        async with engine.connect() as connection:
            await connection.run_sync(migrate)


    asyncio.run(main())
    """
_FIRST = '''
    """The project's own tables."""

    import sqlalchemy as sa
    from alembic import op

    revision = "000000000001"
    down_revision = None


    def upgrade() -> None:
        op.create_table(
            "notes",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("id", name="{key}"),
        )


    def downgrade() -> None:
        op.drop_table("notes")
    '''
_MAKO = '''
    """${message}

    Revision ID: ${up_revision}
    Revises: ${down_revision | comma,n}
    """
    from alembic import op
    import sqlalchemy as sa
    ${imports if imports else ""}

    revision = ${repr(up_revision)}
    down_revision = ${repr(down_revision)}


    def upgrade() -> None:
        ${upgrades if upgrades else "pass"}


    def downgrade() -> None:
        ${downgrades if downgrades else "pass"}
    '''

# Everything that a migration could leave behind.
_TRACE = """
select string_agg(line, e'\\n' order by line) from (
  select concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default)
    from information_schema.columns where table_schema = 'public'
  union all
  select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
  union all
  select indexdef from pg_indexes where schemaname = 'public'
  union all
  select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
) as found(line)
"""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A way to reach the database: models, engine, and what ``env.py`` compares."""

    models: str
    name: str
    metadata: str
    asynchronous: bool
    key: str = "notes_pkey"


LAYERS: Mapping[str, Layer] = {
    "sqlalchemy_sync": Layer(
        models="declarative",
        name="Base",
        metadata="Base.metadata",
        asynchronous=False,
        key="pk_notes",
    ),
    "sqlalchemy_async": Layer(
        models="bare", name="metadata", metadata="metadata", asynchronous=True
    ),
    "sqlmodel_sync": Layer(
        models="sqlmodel",
        name="SQLModel",
        metadata="SQLModel.metadata",
        asynchronous=False,
    ),
    "sqlmodel_async": Layer(
        models="sqlmodel",
        name="SQLModel",
        metadata="SQLModel.metadata",
        asynchronous=True,
    ),
}
_MODELS = {"declarative": _DECLARATIVE, "sqlmodel": _SQLMODEL, "bare": _BARE}


def with_alembic(folder: Path, layer: Layer) -> Path:
    """Build a project with models, one revision and Alembic as its layer has it."""
    package = "sqlmodel" if layer.models == "sqlmodel" else "sqlalchemy"
    driver = "asyncpg" if layer.asynchronous else "psycopg[binary]"
    env = _ENV_ASYNC if layer.asynchronous else _ENV_SYNC
    session = "from sqlalchemy.orm import Session"
    if package == "sqlmodel":
        session = "from sqlmodel import Session"
    if layer.asynchronous:
        session = "from sqlalchemy.ext.asyncio import AsyncSession as Session"
        if package == "sqlmodel":
            session = "from sqlmodel.ext.asyncio.session import AsyncSession as Session"
    return build(
        folder,
        {
            "requirements.txt": f"alembic\nfastapi\n{driver}\n{package}\n",
            ".env": "DATABASE_URL=postgresql://app@localhost/app\n",
            ".gitignore": ".env\n__pycache__/\n",
            "app/__init__.py": "",
            "app/main.py": f"""
                from fastapi import FastAPI
                {session}

                from app.db import engine

                app = FastAPI()


                @app.get("/")
                {"async " * layer.asynchronous}def home() -> str:
                    {"async " * layer.asynchronous}with Session(engine):
                        return "home"
                """,
            "app/db.py": _ASYNC_ENGINE if layer.asynchronous else _SYNC_ENGINE,
            "app/models.py": _MODELS[layer.models],
            "alembic.ini": """
                [alembic]
                script_location = migrations
                prepend_sys_path = .
                """,
            "migrations/env.py": env.format(name=layer.name, metadata=layer.metadata),
            "migrations/script.py.mako": _MAKO,
            "migrations/versions/000000000001_first.py": _FIRST.format(key=layer.key),
        },
    )


def add_owned_model(folder: Path, layer: Layer) -> None:
    """Give the project its own table that refers to a user."""
    models = folder / "app/models.py"
    addition = "\n".join(
        line.removeprefix("    ") for line in _OWNER[layer.models].splitlines()
    )
    models.write_text(f"{models.read_text()}{addition}\n")


def alembic(folder: Path, database_url: str, *arguments: str) -> str:
    """Run Alembic in a project with the packages of these tests; return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def trace(database_url: str) -> str:
    """Return all that a migration could leave behind, a line each."""
    return execute(database_url, _TRACE)
