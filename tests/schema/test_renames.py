"""What is stored by another name: asked about, and renamed with all that it holds."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.answers.additions import parse_additions
from copier_better_auth.errors import UsageError
from copier_better_auth.migrations.alembic import revision_source
from copier_better_auth.migrations.change import needed, renaming
from copier_better_auth.migrations.sql import migration_file, statements
from copier_better_auth.model import Plan
from copier_better_auth.report.synchronising import sync_as_json
from copier_better_auth.schema.arguments import foreign_key_name
from copier_better_auth.schema.described import News
from copier_better_auth.schema.renames import (
    Rename,
    parse_rename,
    resolve_renames,
)
from copier_better_auth.schema.tables import template_tables
from support.databases import alembic
from support.postgres import execute
from support.projects import run_command, sync
from support.synced import CONFIG, edit, run_node
from support.template import commit_all, git
from support.terminal import at_a_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from copier_better_auth.answers import Answers
    from copier_better_auth.schema.renames import ResolvedRenames

RENAMED = """twoFactor({
      schema: {
        twoFactor: { modelName: "second_factor", fields: { backupCodes: "codes" } },
        user: { fields: { twoFactorEnabled: "has_two" } },
      },
    }),"""
ROWS = """
insert into auth_user (name, email, email_verified, two_factor_enabled)
values ('Ada', 'ada@example.com', true, true);
insert into auth_two_factor (secret, backup_codes, user_id)
select 's', 'codes of Ada', id from auth_user
"""
OLD = "select backup_codes from auth_two_factor, auth_user where two_factor_enabled"
NEW = "select codes from second_factor, auth_user where has_two"
NAMES = """
select conname from pg_constraint
 where contype <> 'n' and conrelid = 'second_factor'::regclass
union select indexname from pg_indexes where tablename = 'second_factor' order by 1
"""
FLAGS = (
    *("--renamed", "auth_two_factor=second_factor"),
    *("--renamed", "auth_two_factor.backup_codes=codes"),
    *("--renamed", "auth_user.two_factor_enabled=auth_user.has_two"),
)


@pytest.fixture
def other_names(project: Path, database_url: str) -> Path:
    """A project with rows in what ``sync`` made, whose owner then chose other names."""
    alembic(project / "backend", database_url, "upgrade", "head")
    execute(database_url, ROWS)
    edit(project, CONFIG, "twoFactor(),", RENAMED)
    return project


def test_at_a_terminal_it_is_asked(other_names: Path, database_url: str) -> None:
    """Each pair is a question; rows stay, both ways, and nothing is left to propose."""
    project, backend = other_names, other_names / "backend"
    printed = at_a_terminal(
        f"{Path(sys.executable).with_name('copier-better-auth')} sync",
        project,
        os.environ,
        within=60,
        keys={
            "second_factor is new: renamed from auth_two_factor": "y\r",
            "second_factor.codes is new: renamed from second_factor.backup_c": "y\r",
            "auth_user.has_two is new": "y\r",
            "Apply this": "y\r",
        },
    )
    assert "stores no more" not in printed
    changed = git(project, "status", "--porcelain")
    assert changed.count("??") == 1, changed
    commit_all(project, "other names")
    alembic(backend, database_url, "upgrade", "head")
    assert execute(database_url, NEW) == "codes of Ada"
    assert "auth_two_factor" not in execute(database_url, NAMES)
    alembic(backend, database_url, "check")
    assert "up to date" in run_node(
        project / "auth-server", database_url, "src/migrate.ts"
    )
    again = sync(project, "--yes", *FLAGS)
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.endswith("nothing to do.\n")
    alembic(backend, database_url, "downgrade", "-1")
    assert execute(database_url, OLD) == "codes of Ada"
    alembic(backend, database_url, "downgrade", "base")


def test_without_a_terminal_the_old_one_stays(other_names: Path) -> None:
    """Nothing is guessed: the new one is added, and what to type is said."""
    project = other_names
    said = json.loads(sync(project, "--json").stdout)
    assert said["maybe_renamed"] == [
        "auth_two_factor=second_factor",
        "auth_user.two_factor_enabled=auth_user.has_two",
    ]
    assert git(project, "status", "--porcelain") == ""
    done = sync(project, "--yes")
    assert done.returncode == 0, done.stderr
    assert "--renamed auth_two_factor=second_factor" in " ".join(done.stdout.split())
    tables = (project / "backend/app/auth/tables.py").read_text()
    assert "auth_two_factor = sa.Table" in tables
    assert "second_factor = sa.Table" in tables
    too_late = sync(project, "--yes", *FLAGS)
    assert too_late.returncode == 2
    assert "undo" in too_late.stderr
    assert len(too_late.stderr.splitlines()) == 1
    assert run_command(project, "undo", "--yes").returncode == 0
    assert git(project, "status", "--porcelain") == ""


def test_said_in_a_script(other_names: Path, database_url: str) -> None:
    """The flag renames; ``undo`` is exact."""
    project = other_names
    done = sync(project, "--yes", *FLAGS)
    assert done.returncode == 0, done.stdout + done.stderr
    alembic(project / "backend", database_url, "upgrade", "head")
    assert execute(database_url, NEW) == "codes of Ada"
    text = (project / "backend/app/auth/models.py").read_text()
    assert "has_two: bool" in text
    assert "two_factor_enabled" not in text
    assert run_command(project, "undo", "--yes").returncode == 0
    assert git(project, "status", "--porcelain") == ""


# ---------------------------------------------------- what follows from names alone


def tables(**columns: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Return tables as answers record them; a column is a nullable text by default."""
    return [
        {
            "name": name,
            "columns": [{"type": "text", "nullable": True, **one} for one in given],
        }
        for name, given in columns.items()
    ]


def resolved(
    before: list[dict[str, Any]],
    now: list[dict[str, Any]],
    *given: str,
    ask: Callable[[Rename], bool] | None = None,
) -> ResolvedRenames:
    """Return what is made of the names of before and of now."""
    fixed = [table.name for table in template_tables()]
    return resolve_renames(
        parse_additions(before),
        parse_additions(now),
        fixed,
        [parse_rename(one) for one in given],
        ask,
    )


def answers(additions: object, **given: object) -> Answers:
    """Return answers in which these are recorded."""
    return parse_answers({"auth_schema_additions": additions, **given})


PETS = tables(
    auth_pet=[
        {"name": "tag", "unique": True},
        {"name": "kind", "index": True},
        {"name": "owner", "type": "uuid", "references": "auth_user"},
    ],
    auth_toy=[
        {"name": "pet_tag", "references": "auth_pet", "references_column": "tag"},
        {"name": "order"},
    ],
)
ANIMALS = tables(
    auth_animal=[
        {"name": "label", "unique": True},
        {"name": "kind", "index": True},
        {"name": "owner", "type": "uuid", "references": "auth_user"},
    ],
    auth_toy=[
        {"name": "pet_tag", "references": "auth_animal", "references_column": "label"},
        {"name": "group"},
    ],
)
SAID = ("auth_pet=auth_animal", "auth_pet.tag=label", "auth_toy.order=auth_toy.group")
CATALOGUE = """
select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
 where contype <> 'n'
   and conrelid::regclass::text in ('auth_pet', 'auth_animal', 'auth_toy')
union select indexdef from pg_indexes
 where tablename in ('auth_pet', 'auth_animal', 'auth_toy')
union select table_name || '.' || column_name || ' ' || udt_name
  from information_schema.columns
 where table_name in ('auth_pet', 'auth_animal', 'auth_toy') order by 1
"""


def test_the_database_is_as_if_made_by_the_new_names(database_url: str) -> None:
    """Keys, indexes and constraints have them too, and the old ones on the way back."""
    before, now = answers(PETS), answers(ANIMALS)
    first = statements(needed(before, ()))
    execute(database_url, first)
    old = execute(database_url, CATALOGUE)
    found = resolved(PETS, ANIMALS, *SAID)
    assert found.earlier == now.auth_schema_additions
    change = renaming(before, now, found.renames)
    up, down = migration_file(change, "-- migrate:up").split("-- migrate:down")
    execute(database_url, up)
    new = execute(database_url, CATALOGUE)
    execute(database_url, down)
    assert execute(database_url, CATALOGUE) == old
    execute(database_url, "drop table auth_toy, auth_pet")
    made = needed(now, [statements(needed(answers([]), ()))])
    execute(database_url, statements(made))
    assert execute(database_url, CATALOGUE) == new


def test_a_key_by_another_name_keeps_it(database_url: str) -> None:
    """Who made the tables by hand has named it; the rest is renamed, both ways."""
    before, now = answers(PETS), answers(ANIMALS)
    execute(database_url, statements(needed(before, ())))
    execute(
        database_url,
        "alter table auth_toy rename constraint auth_toy_pet_tag_fkey to own;"
        "alter table auth_pet rename constraint auth_pet_owner_fkey to own",
    )
    old = execute(database_url, CATALOGUE)
    change = renaming(before, now, resolved(PETS, ANIMALS, *SAID).renames)
    up, down = migration_file(change, "-- migrate:up").split("-- migrate:down")
    execute(database_url, up)
    found = execute(database_url, CATALOGUE)
    assert found.count("own FOREIGN KEY") == 2
    assert "auth_pet " not in found
    execute(database_url, down)
    assert execute(database_url, CATALOGUE) == old


def test_long_names_are_followed(database_url: str) -> None:
    """They are not left to PostgreSQL, which would cut them otherwise than Alembic."""
    long = "the_one_who_" * 4
    columns = [
        {"name": f"{long}owns", "type": "uuid", "references": "auth_user"},
        {"name": f"{long}only", "unique": True},
    ]
    before, now = tables(auth_pet=columns), tables(auth_animal=columns)
    execute(database_url, statements(needed(answers(before), ())))
    change = renaming(
        answers(before), answers(now), resolved(before, now, SAID[0]).renames
    )
    execute(database_url, statements(change))
    renamed = execute(database_url, CATALOGUE)
    execute(database_url, "drop table auth_animal")
    made = needed(answers(now), [statements(needed(answers([]), ()))])
    execute(database_url, statements(made))
    assert execute(database_url, CATALOGUE) == renamed
    (table,) = made.tables
    key = foreign_key_name("auth_animal", table.columns[1])
    assert f"{key} FOREIGN KEY" in renamed


@pytest.mark.parametrize("mark", ["+goose", "+migrate"])
def test_a_block_is_one_statement(mark: str) -> None:
    """These tools end one at any semicolon, unless they are told not to."""
    before, now = answers(PETS), answers(ANIMALS)
    change = renaming(before, now, resolved(PETS, ANIMALS, *SAID).renames)
    text = migration_file(change, f"-- {mark} Up\n-- {mark} Down\n")
    assert text.count(f"-- {mark} StatementBegin\nDO $$") == text.count("DO $$") == 2
    assert text.count(f"$$;\n-- {mark} StatementEnd") == 2


@pytest.mark.parametrize("system", ["alembic", "sql"])
def test_migrations_that_rename_are_read(system: str) -> None:
    """After them nothing is lacking, and the old names are free again."""
    before, now = answers(PETS), answers(ANIMALS)
    change = renaming(before, now, resolved(PETS, ANIMALS, *SAID).renames)
    if system == "sql":
        texts = [statements(needed(before, ())), statements(change)]
    else:
        texts = [
            revision_source(c, revision=r, down_revision=d, created="now")
            for c, r, d in ((needed(before, ()), "a", None), (change, "b", "a"))
        ]
    assert not needed(now, texts)
    lacking = needed(answers([*PETS, *ANIMALS]), texts)
    assert [table.name for table in lacking.tables] == ["auth_pet"]


def test_a_script_is_told_all_that_people_are() -> None:
    """The SQL that no migration has, and why the database was not asked."""
    news = News(unasked="it does not answer")
    said = json.loads(sync_as_json(Plan(), news, "ALTER TABLE a;", applied=True))
    assert said["in_database"] == "ALTER TABLE a;"
    assert said["unasked"] == "it does not answer"


def test_only_what_looks_alike_is_asked() -> None:
    """A column of another type, or a table with other columns, is no question."""
    asked: list[str] = []

    def ask(one: Rename) -> bool:
        asked.append(str(one))
        return False

    before = tables(
        auth_user=[{"name": "plan"}, {"name": "age", "type": "integer"}],
        auth_pet=[{"name": "tag"}, {"name": "kind"}],
    )
    now = tables(
        auth_user=[{"name": "born", "type": "timestamptz"}, {"name": "tier"}],
        auth_log=[{"name": "tag"}, {"name": "at"}, {"name": "by"}],
    )
    found = resolved(before, now, ask=ask)
    assert asked == ["auth_user.plan=auth_user.tier"]
    assert not found.renames
    assert found.open == ()  # what was refused is not proposed again
    assert found.earlier == parse_additions(before)
    unasked = resolved(before, now)
    assert [str(one) for one in unasked.open] == ["auth_user.plan=auth_user.tier"]


def test_each_name_is_given_once() -> None:
    """Who has said yes to one pair is not asked for another with one of its names."""
    before = tables(auth_user=[{"name": "plan"}, {"name": "level"}])
    now = tables(auth_user=[{"name": "tier"}, {"name": "rank"}])
    found = resolved(before, now, ask=lambda _: True)
    assert [str(one) for one in found.renames] == [
        "auth_user.plan=auth_user.tier",
        "auth_user.level=auth_user.rank",
    ]
    with pytest.raises(UsageError):
        resolved(before, now, "auth_user.plan=tier", "auth_user.plan=rank")


def test_the_same_field_is_asked_first() -> None:
    """better-auth's own name of a field says more than the order of the columns."""
    before = tables(
        auth_user=[{"name": "a", "field": "plan"}, {"name": "b", "field": "level"}]
    )
    now = tables(
        auth_user=[{"name": "level"}, {"name": "plan"}],
    )
    found = resolved(before, now, ask=lambda _: True)
    assert [str(one) for one in found.renames] == [
        "auth_user.b=auth_user.level",
        "auth_user.a=auth_user.plan",
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("auth_pet", "write table.old=table.new"),
        ("auth_pet=auth_user.x", "write table.old=table.new"),
        ("auth_dog=auth_animal", "recorded no auth_dog"),
        ("auth_pet=auth_dog", "stores no auth_dog"),
        ("auth_toy.pet_tag=group", "pet_tag still"),
        ("auth_toy.order=pet_tag", "undo the sync"),
        ("auth_toy.order=auth_animal.label", "a column stays in its table"),
        ("auth_pet=auth_user", "stores no auth_user"),
        ("auth_pet=auth_animal,auth_pet.tag=owner", "undo the sync"),
        ("auth_pet=auth_animal,auth_pet.tag=at", "is text, and"),
    ],
)
def test_a_renaming_that_makes_no_sense(typed: str, words: str) -> None:
    """One line says why."""
    now = [*ANIMALS]
    at = {"name": "at", "type": "timestamptz"}
    now[0] = {**now[0], "columns": [*ANIMALS[0]["columns"], at]}
    with pytest.raises(UsageError, match=words):
        resolved(PETS, now, *typed.split(","))
