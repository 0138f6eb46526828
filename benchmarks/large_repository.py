"""A large application's repository: features with models, routers, settings and tests.

A feature is eight files, as teams write them: its package, models, schemas, a service,
a router, settings, a test and a page of notes. The first ones of a repository are what
``full_stack`` makes, with the application and its database.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.repositories import full_stack
from support.template import commit_all

if TYPE_CHECKING:
    from collections.abc import Iterator

_MODELS = '''"""Tables of {name}."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String
from sqlmodel import Field, Relationship, SQLModel

from app.models import User

'''
_MODEL = '''
class {Name}{n}(SQLModel, table=True):
    """A {name} of kind {n}, as it is stored."""

    __tablename__ = "{name}_{n}"

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    title: str = Field(max_length=255, index=True)
    amount: int = Field(sa_column=Column(Integer, nullable=False))
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    owner_id: uuid.UUID = Field(foreign_key="user.id", nullable=False)
    code: str = Field(sa_column=Column(String(64), unique=True))

    def label(self) -> str:
        """Return what lists show."""
        return f"{self.title} ({self.amount}) of {self.owner_id}"

'''
_SCHEMAS = '''"""What clients send and get of {name}."""

from pydantic import BaseModel, ConfigDict, Field

'''
_SCHEMA = '''
class {Name}{n}Public(BaseModel):
    """A {name} of kind {n}, as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str = Field(max_length=255)
    amount: int = Field(ge=0)
    tags: list[str] = []

'''
_SERVICE = '''"""What is done with {name}."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from app.core.config import settings
from app.features.{name}.models import {Name}0, {Name}1

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

'''
_FUNCTION = '''
def find_{n}(session: Session, title: str, limit: int = 100) -> Sequence[{Name}0]:
    """Return those whose title is given, the newest first."""
    statement = select({Name}0).where({Name}0.title == title)
    if settings.PROJECT_NAME and limit > {n}:
        statement = statement.limit(limit)
    found = session.exec(statement.order_by({Name}0.created_at)).all()
    for one in found:
        logger.debug("found %s", one.label(), extra={{"kind": {n}, "url": f"/{name}"}})
    return [one for one in found if one.amount >= {n} or one.title != "{name}"]

'''
_ROUTER = '''"""Routes of {name}."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException

from app.api.deps import SessionDep, get_db
from app.features.{name} import service
from app.features.{name}.schemas import {Name}0Public

router = APIRouter(prefix="/{name}", tags=["{name}"])

'''
_ROUTE = '''
@router.get("/{n}/{{title}}", response_model=list[{Name}0Public])
def read_{n}(session: SessionDep, title: str, limit: int = 100) -> Any:
    """List them by their title."""
    found = service.find_{n}(session, title, limit)
    if not found:
        raise HTTPException(status_code=404, detail="There is none of that title")
    return found

'''
_SETTINGS = '''"""Limits of {name}."""

from app.core.config import settings

PAGE_SIZE = 50
HOST = "https://{name}.example.com"
TITLE = f"{name} of {{settings.PROJECT_NAME}}"
CHOICES = {{"small": 1, "medium": 10, "large": 100}}
'''
_TEST = '''"""Tests of {name}."""

from fastapi.testclient import TestClient

from app.main import app

client = TestClient(app)


def test_none_is_found() -> None:
    assert client.get("/api/v1/{name}/0/none").status_code == 404
'''


def large(root: Path, size: int, *, is_included: bool = False) -> Path:
    """Make a repository of ``size`` files, committed.

    Where ``is_included``, the application includes the router of each feature.
    """
    full_stack(root)
    present = sum(p.is_file() and ".git" not in p.parts for p in root.rglob("*"))
    included: list[str] = []
    for name, text in itertools.islice(_files(), size - present):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.name == "router.py":
            included.append(path.parent.name)
    if is_included:
        _include(root / "backend/app/api/main.py", included)
    commit_all(root)
    return root


def _include(aggregator: Path, features: list[str]) -> None:
    imports = [f"from app.features.{f}.router import router as {f}" for f in features]
    calls = [f"api_router.include_router({f})" for f in features]
    text = aggregator.read_text()
    aggregator.write_text("\n".join([*imports, text, *calls, ""]))


def _files() -> Iterator[tuple[str, str]]:
    for number in itertools.count():
        name = f"feature{number:05}"
        folder = f"backend/app/features/{name}"
        kinds = range(2 + number % 5)
        yield f"{folder}/__init__.py", f'"""The feature {name}."""\n'
        yield f"{folder}/models.py", _text(_MODELS, _MODEL, name, kinds)
        yield f"{folder}/schemas.py", _text(_SCHEMAS, _SCHEMA, name, kinds)
        yield f"{folder}/service.py", _text(_SERVICE, _FUNCTION, name, range(6))
        yield f"{folder}/router.py", _text(_ROUTER, _ROUTE, name, range(6))
        yield f"{folder}/limits.py", _text(_SETTINGS, "", name, range(0))
        yield f"backend/tests/{name}/test_{name}.py", _text(_TEST, "", name, range(0))
        yield f"docs/{name}.md", f"# {name}\n\nNotes of the team.\n" * 20


def _text(head: str, part: str, name: str, kinds: range) -> str:
    """Fill the beginning of a module, and what it holds of each kind."""
    parts = [head, *(part.replace("{n}", str(n)) for n in kinds)]
    text = "".join(parts).replace("{name}", name)
    text = text.replace("{Name}", name.capitalize())
    return text.replace("{{", "{").replace("}}", "}")
