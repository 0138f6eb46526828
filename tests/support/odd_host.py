"""A project in which almost nothing can be edited, so that people are told what to do.

Its application is handed out in two places, its origins are a setting of another name,
middleware wants its own token, its revisions have two heads, its API is in a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

_REVISION = """
    import sqlalchemy as sa
    from alembic import op

    revision = "{revision}"
    down_revision = {down}


    def upgrade():
        op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))


    def downgrade():
        op.drop_table("{table}")
    """


def odd(folder: Path) -> Path:
    """Build it; its server is started with ``shop.web:create_app`` as a factory."""
    return build(
        folder,
        {
            ".gitignore": "__pycache__/\n.venv/\n.env\nnode_modules/\n",
            "Procfile": "web: uvicorn shop.web:create_app --factory\n",
            "requirements.txt": """
                alembic>=1.13
                fastapi>=0.115
                psycopg[binary]>=3.2
                pydantic-settings>=2.4
                sqlalchemy>=2
                uvicorn>=0.30
                """,
            "openapi.json": '{"openapi": "3.1.0", "info": {}, "paths": {}}\n',
            "shop/__init__.py": "",
            "shop/settings.py": """
                from pydantic import Field
                from pydantic_settings import BaseSettings, SettingsConfigDict


                class Settings(BaseSettings):
                    model_config = SettingsConfigDict(env_file=".env", extra="ignore")
                    database_url: str
                    hosts: list[str] = Field(default_factory=list, alias="WEB_HOSTS")
                    public_paths: list[str] = ["/docs", "/openapi.json"]
                    testing: bool = False

                    @property
                    def origins(self) -> list[str]:
                        return [host.rstrip("/") for host in self.hosts]


                settings = Settings()
                """,
            "shop/db.py": """
                from sqlalchemy import create_engine
                from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

                from shop.settings import settings

                engine = create_engine(settings.database_url)


                class Base(DeclarativeBase):
                    pass


                class Tea(Base):
                    __tablename__ = "tea"
                    id: Mapped[int] = mapped_column(primary_key=True)


                class Cup(Base):
                    __tablename__ = "cup"
                    id: Mapped[int] = mapped_column(primary_key=True)
                """,
            "shop/guard.py": """
                from starlette.middleware.base import BaseHTTPMiddleware
                from starlette.responses import JSONResponse

                from shop.settings import settings


                class Guard(BaseHTTPMiddleware):
                    async def dispatch(self, request, call_next):
                        if request.url.path not in settings.public_paths:
                            if not request.headers.get("Authorization"):
                                refusal = {"detail": "no token of the shop"}
                                return JSONResponse(refusal, status_code=401)
                        return await call_next(request)
                """,
            "shop/web.py": """
                from fastapi import FastAPI
                from fastapi.middleware.cors import CORSMiddleware

                from shop.db import engine
                from shop.guard import Guard
                from shop.settings import settings


                def create_app() -> FastAPI:
                    server = FastAPI(title="Shop")
                    server.state.engine = engine
                    if settings.testing:
                        return server
                    server.add_middleware(Guard)
                    server.add_middleware(
                        CORSMiddleware,
                        allow_origins=settings.origins,
                        allow_credentials=True,
                    )
                    return server
                """,
            "alembic.ini": "[alembic]\nscript_location = migrations\n",
            "migrations/env.py": """
                from alembic import context

                from shop.db import Base, engine

                target_metadata = Base.metadata

                with engine.connect() as connection:
                    context.configure(
                        connection=connection, target_metadata=target_metadata
                    )
                    with context.begin_transaction():
                        context.run_migrations()
                """,
            "migrations/script.py.mako": "",
            "migrations/versions/0104_tea.py": _REVISION.format(
                revision="0104_tea", down=None, table="tea"
            ),
            "migrations/versions/0105_cup.py": _REVISION.format(
                revision="0105_cup", down=None, table="cup"
            ),
        },
    )
