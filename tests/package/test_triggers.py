"""The triggers reach the database by every way that the tables do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import Answers, parse_answers
from copier_better_auth.discovery import discover
from copier_better_auth.discovery.suggestions import suggestions
from copier_better_auth.edits import plan_edits
from copier_better_auth.migrations.change import needed
from copier_better_auth.migrations.sql import migration_file
from copier_better_auth.model import FileEdit, Integration
from copier_better_auth.repository import Repository
from copier_better_auth.schema.triggers import recreation, triggers_for
from support.postgres import execute
from support.repositories import full_stack
from support.sessions import create_tables
from support.template import commit_all

if TYPE_CHECKING:
    from pathlib import Path

COUNT = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'auth_session_%'"
CACHED = Answers(auth_session_validation="cached")


def revisions(root: Path, strategy: str) -> list[FileEdit]:
    """Return the revisions that a copy with a strategy would add now."""
    facts = discover(root)
    found = suggestions(facts, Repository(root))
    given = {"auth_server_dir": "auth-server", "auth_session_validation": strategy}
    answers = parse_answers({**found, **given})
    plan = plan_edits(Integration(root=root, answers=answers, facts=facts))
    return [edit for edit in plan.edits if "/versions/" in edit.path]


def apply(root: Path, edit: FileEdit) -> str:
    """Write and commit a planned file; return its text."""
    assert edit.after is not None
    (root / edit.path).write_bytes(edit.after)
    commit_all(root)
    return edit.after.decode()


def test_a_project_that_caches_later(tmp_path: Path, database_url: str) -> None:
    """The applied revision stays as it is; another adds the triggers alone, once."""
    commit_all(full_stack(tmp_path))
    first = apply(tmp_path, revisions(tmp_path, "database")[0])
    assert "auth_session_changed" not in first
    assert revisions(tmp_path, "database") == []
    (later,) = revisions(tmp_path, "cached")
    second = apply(tmp_path, later)
    head = re.search(r'^revision = "(\w+)"', first, re.MULTILINE)
    assert head is not None
    assert f'down_revision = "{head[1]}"' in second
    assert "create_table" not in second
    assert revisions(tmp_path, "cached") == []
    up, down = second.split("def downgrade")
    statements = re.findall(r'op\.execute\(\s*"+(.*?)"+\s*\)', up, re.DOTALL)
    create_tables(database_url)
    execute(database_url, "DROP FUNCTION auth_session_changed CASCADE")
    for statement in statements:
        execute(database_url, statement)
    assert execute(database_url, COUNT) == "4"
    for statement in re.findall(r'op\.execute\("(.*?)"\)', down):
        execute(database_url, statement)
    assert execute(database_url, COUNT) == "0"


def test_the_auth_server_makes_them_again(database_url: str) -> None:
    """Its migration may run any number of times."""
    create_tables(database_url)
    for _ in range(2):
        execute(database_url, recreation())
        assert execute(database_url, COUNT) == "4"


@pytest.mark.parametrize("tool", ["", "migrate:", "+goose ", "+migrate "])
def test_sql_files(database_url: str, tool: str) -> None:
    """Up makes them, down takes them back; a tool that splits is told where not to."""
    begin = f"-- {tool}up" if tool.endswith(":") else f"-- {tool}Up"
    text = migration_file(needed(CACHED, []), begin)
    up, _, down = text.partition(begin.replace("Up", "Down").replace("up", "down"))
    execute(database_url, up)
    assert execute(database_url, COUNT) == "4"
    if tool:
        execute(database_url, down)
        assert execute(database_url, COUNT) == "0"
    if tool.startswith("+"):
        body = re.search(r"StatementBegin\n(.*?)\n-- \S+ StatementEnd", up, re.DOTALL)
        assert body is not None
        assert body[1].startswith("CREATE OR REPLACE FUNCTION")
        assert body[1].endswith("$function$;")


def test_only_a_cache_needs_them() -> None:
    """No one pays for notifications that no one hears."""
    for strategy in ("database", "jwt"):
        assert triggers_for(Answers(auth_session_validation=strategy)) == ()
