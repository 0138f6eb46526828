"""The tables of people that a repository has, and what signs them in: as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.discovery import discover
from copier_better_auth.report.discovery import as_json
from support.repositories import build

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.model import OwnSignIn, UserTable

APP = "from fastapi import FastAPI\n\nimport {}\n\napp = FastAPI()\n"
BASE = """\
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""


def tables_of(folder: Path, files: dict[str, str]) -> tuple[UserTable, ...]:
    """Return what is found of the tables of people in these files."""
    modules = (n.partition(".")[0].replace("/", ".") for n in files if ".py" in n)
    main = APP.format(", ".join(modules) or "os")
    requirements = {"requirements.txt": "fastapi\nsqlalchemy\npsycopg\n"}
    build(folder, {"main.py": main, **requirements, **files})
    return discover(folder).user_tables.value or ()


def told(table: UserTable) -> dict[str, object]:
    """Return what is known of a table, by its parts."""
    return {part: value for part, value in vars(table).items() if value}


# The first form of SQLAlchemy, an id from a mixin of the project's own, passlib.
COLUMNS = {
    "mixins.py": """
        import uuid

        from sqlalchemy import Column
        from sqlalchemy.dialects.postgresql import UUID


        class WithId:
            id = Column(UUID(as_uuid=True), primary_key=True, default=uuid.uuid4)
        """,
    "models.py": """
        from sqlalchemy import Boolean, Column, DateTime, ForeignKey, String
        from sqlalchemy.ext.declarative import declarative_base
        from sqlalchemy.orm import relationship

        from mixins import WithId

        Base = declarative_base()


        class User(WithId, Base):
            __tablename__ = "users"
            __table_args__ = {"schema": "shop"}

            email = Column(String(255), unique=True)
            password_hash = Column(String)
            password_changed_at = Column(DateTime)
            is_active = Column(Boolean, default=True)
            orders = relationship("Order")


        class Order(WithId, Base):
            __tablename__ = "orders"

            owner = Column(ForeignKey("shop.users.id"))
            seller = Column(ForeignKey(User.id))
        """,
    "security.py": """
        from passlib.context import CryptContext

        import models

        passwords = CryptContext(schemes=["bcrypt"], deprecated="auto")
        """,
}
# The second form, with an alias for keys, another name in the database, pwdlib.
MAPPED = {
    "base.py": f"""
        from typing import Annotated

        from sqlalchemy.orm import mapped_column
        {BASE.replace(chr(10), chr(10) + " " * 8)}

        intpk = Annotated[int, mapped_column(primary_key=True)]
        """,
    "models.py": """
        from sqlalchemy import String
        from sqlalchemy.orm import Mapped, mapped_column, relationship

        from base import Base, intpk


        class Account(Base):
            __tablename__ = "accounts"

            id: Mapped[intpk]
            email: Mapped[str] = mapped_column("mail", String(200))
            hashed_password: Mapped[str | None]
            email_verified: Mapped[bool] = mapped_column(default=False)
            banned: Mapped[bool] = mapped_column(default=False)
            display_name: Mapped[str | None]
            friends: Mapped[list["Account"]] = relationship()
        """,
    "security.py": """
        from pwdlib import PasswordHash

        password_hash = PasswordHash.recommended()
        """,
}
# The official template's: fields from a class that is also a schema of requests.
SQLMODEL = {
    "models.py": """
        import uuid

        from pydantic import EmailStr
        from sqlmodel import Field, Relationship, SQLModel


        class UserBase(SQLModel):
            email: EmailStr = Field(unique=True, index=True, max_length=255)
            is_active: bool = True
            is_superuser: bool = False
            full_name: str | None = Field(default=None, max_length=255)


        class UserCreate(UserBase):
            password: str


        class User(UserBase, table=True):
            id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
            hashed_password: str
            items: list["Item"] = Relationship(back_populates="owner")


        class Item(SQLModel, table=True):
            id: int = Field(primary_key=True)
            owner_id: uuid.UUID = Field(foreign_key="user.id", nullable=False)
        """,
    "security.py": """
        from pwdlib import PasswordHash
        from pwdlib.hashers.argon2 import Argon2Hasher
        from pwdlib.hashers.bcrypt import BcryptHasher

        password_hash = PasswordHash((Argon2Hasher(), BcryptHasher()))
        """,
}
FASTAPI_USERS = {
    "models.py": f"""
        from fastapi_users.db import SQLAlchemyBaseUserTableUUID
        {BASE.replace(chr(10), chr(10) + " " * 8)}

        class User(SQLAlchemyBaseUserTableUUID, Base):
            pass
        """
}
BY_NUMBER = {
    "requirements.txt": "fastapi\nfastapi-users[sqlalchemy]==12.1.3\npsycopg\n",
    "models.py": f"""
        from fastapi_users.db import SQLAlchemyBaseUserTable
        from sqlalchemy.orm import Mapped, mapped_column
        {BASE.replace(chr(10), chr(10) + " " * 8)}

        class User(SQLAlchemyBaseUserTable[int], Base):
            __tablename__ = "people"

            id: Mapped[int] = mapped_column(primary_key=True)
            username: Mapped[str]
        """,
}
# SQLAlchemy's tables without classes, and werkzeug.
CORE = {
    "tables.py": """
        import sqlalchemy as sa

        metadata = sa.MetaData()
        members = sa.Table(
            "members",
            metadata,
            sa.Column("member_id", sa.Integer, primary_key=True),
            sa.Column("email", sa.String(200), unique=True),
            sa.Column("password", sa.String(200)),
            sa.Column("is_admin", sa.Boolean),
        )
        """,
    "security.py": "from werkzeug.security import generate_password_hash\n",
}
# Plain SQL, and PBKDF2 as Django writes it.
SQL = {
    "requirements.txt": "fastapi\nasyncpg\n",
    "schema.sql": """
        CREATE TABLE users (
            id BIGSERIAL PRIMARY KEY,
            email VARCHAR(255) NOT NULL,
            password TEXT NOT NULL,
            is_staff BOOLEAN NOT NULL
        );
        """,
    "security.py": """
        import base64
        import hashlib


        def hash_password(password: str, salt: str) -> str:
            made = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 9)
            return f"pbkdf2_sha256$9${salt}${base64.b64encode(made).decode()}"
        """,
}
# Nothing that an import could rest on: no address, two columns as a key, own hashes.
UNKNOWN = {
    "models.py": f"""
        from sqlalchemy.orm import Mapped, mapped_column
        {BASE.replace(chr(10), chr(10) + " " * 8)}

        class User(Base):
            __tablename__ = "users"

            tenant: Mapped[int] = mapped_column(primary_key=True)
            number: Mapped[int] = mapped_column(primary_key=True)
            login: Mapped[str]
            password: Mapped[str]
        """,
    "security.py": """
        import hashlib


        def hash_password(password: str) -> str:
            return hashlib.sha256(password.encode()).hexdigest()


        def password_reset_token(of: str) -> str:
            return hashlib.md5(of.encode()).hexdigest()
        """,
}
# Passwords are made short before they are hashed, so bcrypt alone verifies none.
DIGESTED = {
    **COLUMNS,
    "security.py": """
        import hashlib

        import bcrypt


        def hash_password(password: str) -> bytes:
            short = hashlib.sha256(password.encode()).digest()
            return bcrypt.hashpw(short, bcrypt.gensalt())
        """,
}
_USER = {"module": "models", "model": "User"}
_FLAGS = {"active": "is_active", "admin": "is_superuser", "verified": "is_verified"}
_SHOP = {
    **_USER,
    "table": "users",
    "schema": "shop",
    "id": "id",
    "id_type": "uuid",
    "email": "email",
    "password": "password_hash",
    "active": "is_active",
    "references": 2,
}
SHAPES = {
    "columns": (COLUMNS, {**_SHOP, "scheme": "bcrypt", "hashes": "passlib: bcrypt"}),
    "mapped": (
        MAPPED,
        {
            "table": "accounts",
            "module": "models",
            "model": "Account",
            "id": "id",
            "id_type": "integer",
            "email": "mail",
            "password": "hashed_password",
            "scheme": "argon2",
            "hashes": "pwdlib: argon2",
            "verified": "email_verified",
            "name": "display_name",
            "restricts": ("banned",),
        },
    ),
    "sqlmodel": (
        SQLMODEL,
        {
            **_USER,
            "table": "user",
            "id": "id",
            "id_type": "uuid",
            "email": "email",
            "password": "hashed_password",
            "scheme": "argon2",
            "hashes": "pwdlib: argon2, bcrypt",
            "active": "is_active",
            "admin": "is_superuser",
            "name": "full_name",
            "references": 1,
        },
    ),
    "fastapi-users": (
        FASTAPI_USERS,
        {
            **_USER,
            **_FLAGS,
            "table": "user",
            "id": "id",
            "id_type": "uuid",
            "email": "email",
            "password": "hashed_password",
            "scheme": "argon2",
            "hashes": "fastapi-users: argon2, bcrypt",
        },
    ),
    "fastapi-users by number": (
        BY_NUMBER,
        {
            **_USER,
            **_FLAGS,
            "table": "people",
            "id": "id",
            "id_type": "integer",
            "email": "email",
            "password": "hashed_password",
            "scheme": "bcrypt",
            "hashes": "fastapi-users: bcrypt",
            "name": "username",
        },
    ),
    "core": (
        CORE,
        {
            "table": "members",
            "module": "tables",
            "id": "member_id",
            "id_type": "integer",
            "email": "email",
            "password": "password",
            "scheme": "werkzeug",
            "hashes": "werkzeug",
            "admin": "is_admin",
        },
    ),
    "sql": (
        SQL,
        {
            "table": "users",
            "id": "id",
            "id_type": "integer",
            "email": "email",
            "password": "password",
            "scheme": "django_pbkdf2",
            "hashes": "django's PBKDF2",
            "admin": "is_staff",
        },
    ),
    "unknown": (
        UNKNOWN,
        {
            **_USER,
            "table": "users",
            "password": "password",
            "hashes": "hashlib.sha256",
            "name": "login",
        },
    ),
    "digested first": (DIGESTED, {**_SHOP, "hashes": "bcrypt, hashlib.sha256"}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_a_table_of_people_holds(tmp_path: Path, shape: str) -> None:
    """Each part with its column, and nothing where it is not sure."""
    files, expected = SHAPES[shape]
    (table,) = tables_of(tmp_path, files)
    assert told(table) == expected


def test_each_part_has_its_place(tmp_path: Path) -> None:
    """By path and line, in the published object too."""
    tables_of(tmp_path, COLUMNS)
    found = json.loads(as_json(discover(tmp_path)))
    assert found["existing_user_tables"] == ["users"]
    assert found["user_tables"][0]["id_type"] == "uuid"
    assert found["user_tables"][0]["restricts"] == []
    assert found["evidence"]["user_tables"] == [
        "models.py:10 is a table of users",
        "mixins.py:8 users.id identifies people by uuid",
        "models.py:14 users.email holds their e-mail",
        "models.py:15 users.password_hash holds their passwords",
        "models.py:17 users.is_active says who is active",
        "security.py:5 hashes with passlib: bcrypt",
        "models.py:24 refers to users",
    ]


BY_HAND = {
    "sign_in.py": """
        from typing import Annotated

        from fastapi import APIRouter, Depends
        from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

        router = APIRouter(prefix="/auth")
        bearer = OAuth2PasswordBearer(tokenUrl="/auth/access")


        def get_current_user(token: str = Depends(bearer)): ...


        @router.post("/access")
        def access(form: Annotated[OAuth2PasswordRequestForm, Depends()]): ...


        @router.post("/login")
        async def register(data: dict): ...


        @router.post("/signup")
        async def new_person(data: dict): ...


        @router.get("/users")
        def users(): ...


        @router.post("/tokens")
        def token_of_a_printer(): ...
        """
}
BY_LIBRARY = {
    "sign_in.py": """
        from fastapi import APIRouter
        from fastapi_users import FastAPIUsers

        fastapi_users = FastAPIUsers(None, [])
        active_user = fastapi_users.current_user(active=True)
        router = APIRouter()
        router.include_router(fastapi_users.get_auth_router(None))
        router.include_router(fastapi_users.get_register_router(None, None))
        """
}
BY_AUTHLIB = {
    "sign_in.py": """
        from authlib.integrations.starlette_client import OAuth
        from fastapi import APIRouter, Request

        oauth = OAuth()
        router = APIRouter()


        @router.get("/google/callback")
        async def google_callback(request: Request):
            return await oauth.google.authorize_access_token(request)
        """
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            BY_HAND,
            {
                "current": (
                    "sign_in.py:10 get_current_user says who is calling",
                    "sign_in.py:7 bearer takes the token",
                ),
                "routes": (
                    "sign_in.py:14 POST /access signs in",
                    "sign_in.py:18 POST /login signs in",
                ),
                "sign_up": ("sign_in.py:22 POST /signup makes accounts",),
            },
        ),
        (
            BY_LIBRARY,
            {
                "current": ("sign_in.py:5 active_user says who is calling",),
                "routes": ("sign_in.py:7 get_auth_router signs in",),
                "sign_up": ("sign_in.py:8 get_register_router makes accounts",),
            },
        ),
        (
            BY_AUTHLIB,
            {
                "current": (),
                "routes": ("sign_in.py:9 GET /google/callback signs in",),
                "sign_up": (),
            },
        ),
    ],
    ids=["by hand", "fastapi-users", "Authlib"],
)
def test_what_signs_in_today(
    tmp_path: Path, files: dict[str, str], expected: dict[str, tuple[str, ...]]
) -> None:
    """Each function and route of it, by its line; others are none."""
    tables_of(tmp_path, files)
    found: OwnSignIn | None = discover(tmp_path).own_sign_in.value
    assert found is not None
    assert {k: tuple(map(str, places)) for k, places in vars(found).items()} == expected
