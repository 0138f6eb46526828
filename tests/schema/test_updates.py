"""A release whose better-auth stores one more column, and projects of before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.copier_cli import copy, update
from support.databases import LAYERS, alembic, trace, with_alembic
from support.postgres import execute
from support.repositories import sql_files
from support.template import commit_all, git, make_template

if TYPE_CHECKING:
    from pathlib import Path

WHERE = "from information_schema.columns where column_name ="


def release_with_a_column(template: Path) -> None:
    """Let better-auth store ``auth_session.device``, in the next release."""
    file = template / "hooks/schema/better_auth.json"
    schema = json.loads(file.read_text())
    (session,) = (t for t in schema["tables"] if t["name"] == "auth_session")
    column = {"name": "device", "type": "text", "nullable": True, "index": True}
    session["columns"].append(column)
    file.write_text(json.dumps(schema))
    commit_all(template, "a better-auth that knows devices")
    git(template, "tag", "v1.1.0")


@pytest.mark.parametrize("kind", ["alembic", "sql"])
def test_one_further_revision(tmp_path: Path, database_url: str, kind: str) -> None:
    """The files of before stay as they are; the new one leads there and back."""
    template = make_template(tmp_path / "template", tag="v1.0.0")
    root = tmp_path / "project"
    if kind == "alembic":
        with_alembic(root, LAYERS["sqlalchemy_async"])
    else:
        sql_files(root)
    assert copy(template, root).returncode == 0
    commit_all(root)
    before = {
        file: file.read_bytes()
        for file in (root / "migrations").rglob("*")
        if file.suffix in {".py", ".sql"}
    }
    if kind == "alembic":
        alembic(root, database_url, "upgrade", "head")
    else:
        for file in sorted(before):
            execute(database_url, before[file].decode())
    was = trace(database_url)

    release_with_a_column(template)
    result = update(root)

    assert result.returncode == 0, result.stderr
    assert {file: file.read_bytes() for file in before} == before
    now = {f for f in (root / "migrations").rglob("*") if f.suffix in {".py", ".sql"}}
    (further,) = now - {*before}
    if kind == "sql":
        execute(database_url, further.read_text())
    else:
        alembic(root, database_url, "upgrade", "head")
        alembic(root, database_url, "check")
    assert (
        execute(database_url, f"select table_name {WHERE} 'device'") == "auth_session"
    )
    if kind == "alembic":
        alembic(root, database_url, "downgrade", "-1")
        assert trace(database_url) == was
