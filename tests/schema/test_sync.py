"""A plugin is added to better-auth's configuration, and ``sync`` follows it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.answers import parse_answers
from copier_better_auth.answers.additions import recorded
from copier_better_auth.migrations.change import SchemaChange
from copier_better_auth.migrations.sql import statements
from copier_better_auth.schema import tables_for
from copier_better_auth.schema.described import stored_tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.copier_cli import copy, update
from support.databases import LAYERS, alembic, with_alembic
from support.node import install_node_packages
from support.plugins import TWO_FACTOR, add_plugins
from support.postgres import execute
from support.projects import run_command, set_env, sync
from support.synced import CONFIG, UNVERIFIED, assert_refused, edit
from support.template import commit_all, git, make_template

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.answers.additions import StoredColumn


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "  database: pool,",
            "  database: pool,,",
            (f"{CONFIG}:",),
        ),
        (
            "export const auth",
            """const key = process.env["STRIPE_KEY"];
if (!key) throw new Error("STRIPE_KEY is missing");
export const auth""",
            (f"{CONFIG}:", "STRIPE_KEY is missing"),
        ),
        (
            "export const auth",
            "export const unauthorised",
            ('exports no "auth"',),
        ),
        (
            "    twoFactor(),",
            "    twoFactor({ schema: { twoFactor: { modelName: 'x; drop' } } }),",
            ("x; drop", "letters, digits and _ alone"),
        ),
        (
            "    ...schema.user,",
            "    ...schema.user, modelName: 'people',",
            ("people", "auth_user", "schema.ts"),
        ),
        (
            "    ...schema.user,",
            "    ...schema.user, additionalFields: { at: { type: 'point' as never } },",
            ("user.at", "point"),
        ),
    ],
    ids=["no TypeScript", "no variable", "no auth", "a name", "a table", "a type"],
)
def test_a_configuration_that_cannot_be_followed(
    project: Path, before: str, after: str, words: tuple[str, ...]
) -> None:
    """One line with the place; nothing is changed."""
    edit(project, CONFIG, before, after)
    assert_refused(project, *words)


def test_a_table_of_the_project_s_own(project: Path) -> None:
    """Its name is not taken for the plugin's."""
    (revision,) = (project / "backend/migrations/versions").glob("*_add_auth_tables.py")
    edit(
        project,
        str(revision.relative_to(project)),
        "def upgrade() -> None:\n",
        'def upgrade() -> None:\n    op.create_table("teams", sa.Column("size"))\n',
    )
    added = """organization({
      teams: { enabled: true },
      schema: { team: { modelName: "teams" } },
    }),
    twoFactor(),"""
    edit(project, CONFIG, "import { twoFactor }", "import { organization, twoFactor }")
    edit(project, CONFIG, "    twoFactor(),", f"    {added}")
    assert_refused(project, "teams", revision.name, "modelName")


def test_the_doctor_says_when_it_is_needed(project: Path, database_url: str) -> None:
    """A plugin that nothing else knows is BA013's, with the command that helps."""
    set_env(project / "auth-server", DATABASE_URL=database_url)
    alembic(project / "backend", database_url, "upgrade", "head")
    edit(project, CONFIG, "import { twoFactor }", "import { username, twoFactor }")
    edit(project, CONFIG, "    twoFactor(),", "    twoFactor(),\n    username(),")
    said = run_command(project, "doctor", "--check", "BA013", "--json")
    (result,) = json.loads(said.stdout)["results"]
    assert result["status"] == "fail"
    assert "copier-better-auth sync" in result["remedy"]


def test_a_second_copy_keeps_it(template: Path, project: Path) -> None:
    """What ``sync`` recorded and wrote is there after a second copy."""
    assert copy(template, project).returncode == 0
    assert git(project, "status", "--porcelain", "--", "backend", "auth-server") == ""
    recorded_text = (project / ".copier-answers.better-auth.yml").read_text()
    assert "auth_two_factor" in recorded_text


def test_two_heads(project: Path) -> None:
    """The plan and its step are shown; nothing is half done."""
    versions = project / "backend/migrations/versions"
    for name in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        (versions / f"{name}.py").write_text(
            f'revision = "{name}"\ndown_revision = None\n'
            "def upgrade() -> None:\n    pass\n"
        )
    edit(project, CONFIG, "import { twoFactor }", "import { username, twoFactor }")
    edit(project, CONFIG, "    twoFactor(),", "    twoFactor(),\n    username(),")
    done = sync(project, "--yes")
    assert done.returncode == 1
    assert "By hand, step 1" in done.stdout
    assert "Nothing was changed" in done.stdout
    assert git(project, "status", "--porcelain") == ""


def test_an_edited_table(project: Path) -> None:
    """What its owner has changed is theirs: a step says what goes where."""
    edit(
        project,
        "backend/app/auth/tables.py",
        'auth_user = sa.Table(\n    "auth_user",',
        'auth_user = sa.Table(  # mine\n    "auth_user",',
    )
    edit(project, CONFIG, "import { twoFactor }", "import { username, twoFactor }")
    edit(project, CONFIG, "    twoFactor(),", "    twoFactor(),\n    username(),")
    done = sync(project, "--yes")
    assert done.returncode == 1
    assert "tables.py" in done.stdout
    assert "By hand, step 1" in done.stdout
    assert git(project, "status", "--porcelain") == ""


def test_a_plugin_that_is_gone(project: Path, database_url: str) -> None:
    """Its tables are named and kept, until they are to be dropped; undo is exact."""
    backend = project / "backend"
    alembic(backend, database_url, "upgrade", "head")
    edit(project, CONFIG, "    twoFactor(),\n", "")
    edit(project, CONFIG, 'import { twoFactor } from "better-auth/plugins";\n', "")
    done = sync(project, "--yes")
    assert done.returncode == 0, done.stderr
    assert "auth_two_factor" in done.stdout
    assert "auth_user.two_factor_enabled" in done.stdout
    # Its endpoints are gone, so they leave the page; nothing else changes.
    changed = git(project, "diff", "--name-only").split()
    assert changed == [
        ".copier-answers.better-auth.yml",
        "auth-server/API_DOCUMENTATION.md",
    ]
    commit_all(project, "no two factors")
    said = sync(project, "--drop", "--json")
    assert said.returncode == 1
    assert json.loads(said.stdout)["gone"]
    assert git(project, "status", "--porcelain") == ""
    done = sync(project, "--drop", "--yes")
    assert done.returncode == 0, done.stderr
    alembic(backend, database_url, "upgrade", "head")
    alembic(backend, database_url, "check")
    assert "two_factor" not in execute(database_url, "select * from auth_user limit 0")
    for file in (backend / "app/auth").glob("*.py"):
        assert "two_factor" not in file.read_text(), file
    assert sync(project).stdout.endswith("nothing to do.\n")
    alembic(backend, database_url, "downgrade", "-1")
    assert execute(database_url, "select count(*) from auth_two_factor") == "0"
    assert run_command(project, "undo", "--yes").returncode == 0
    assert git(project, "status", "--porcelain") == ""


def test_an_update_to_a_release_with_another_column(
    tmp_path: Path, database_url: str
) -> None:
    """What ``sync`` has written stays; the release's column is one further revision."""
    template = make_template(tmp_path / "template", tag="v1.0.0")
    project = with_alembic(tmp_path / "project", LAYERS["sqlmodel_sync"])
    assert copy(template, project, *UNVERIFIED).returncode == 0
    add_plugins(project / "auth-server", [TWO_FACTOR], fields="")
    install_node_packages(project / "auth-server")
    assert sync(project, "--yes").returncode == 0
    commit_all(project)
    versions = project / "migrations/versions"
    before = {file.name: file.read_bytes() for file in versions.glob("*.py")}
    file = template / "hooks/schema/better_auth.json"
    schema = json.loads(file.read_text())
    user = next(t for t in schema["tables"] if t["name"] == "auth_user")
    user["columns"].append({"name": "nickname", "type": "text", "nullable": True})
    file.write_text(json.dumps(schema))
    commit_all(template, "a better-auth with nicknames")
    git(template, "tag", "v1.1.0")

    result = update(project)

    assert result.returncode == 0, result.stderr
    after = {file.name: file.read_bytes() for file in versions.glob("*.py")}
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 1
    tables = (project / "app/auth/tables.py").read_text()
    assert "nickname" in tables
    assert "auth_two_factor" in tables
    assert "two_factor_enabled" in (project / "app/auth/models.py").read_text()
    alembic(project, database_url, "upgrade", "head")
    alembic(project, database_url, "check")


@pytest.mark.parametrize(
    "entry",
    [
        'name: "x\\"); import os; (\\""',
        "name: auth_user\n  columns:\n  - name: role\n    type: text; drop table x",
        "name: auth_user\n  columns:\n  - name: role\n    type: text\n    code: x()",
    ],
    ids=["a name", "a type", "what is no part"],
)
def test_a_record_that_sync_did_not_write(project: Path, entry: str) -> None:
    """Nothing of a repository's answers gets into code that is not a plain name."""
    file = project / ".copier-answers.better-auth.yml"
    text = file.read_text()
    start = text.index("auth_schema_additions:")
    end = text.index("auth_server_dir:")
    forged = f"auth_schema_additions:\n- {entry}\n"
    file.write_text(f"{text[:start]}{forged}{text[end:]}")
    commit_all(project, "forged")
    assert_refused(project, "auth_schema_additions", "sync")


NAMES = st.from_regex(r"\A[a-z][A-Za-z0-9_]{0,14}\Z") | st.sampled_from(
    ["order", "user", "table", "default", "isOwner", "select"]
)
TYPES = st.sampled_from(["string", "number", "boolean", "date", "string[]", "number[]"])
FIELD = st.fixed_dictionaries(
    {
        "name": NAMES.filter(lambda name: name.lower() != "id"),
        "type": TYPES | st.just(["one", "it's two", 'th"ree']),
        "required": st.booleans(),
        "unique": st.booleans(),
        "index": st.booleans(),
        "bigint": st.booleans(),
    }
)
MODEL = st.fixed_dictionaries(
    {
        "key": NAMES,
        "table": NAMES.map(lambda name: f"own_{name}"),
        "fields": st.lists(FIELD, max_size=5, unique_by=lambda field: field["name"]),
        "indexes": st.just([]),
    }
)
COLUMNS = """
select table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable
  from information_schema.columns
 where table_name like 'own\\_%' and column_name <> 'id' order by 1
"""
UDT_NAMES = {"integer": "int4", "bigint": "int8", "boolean": "bool"}


def in_postgres(column: StoredColumn) -> str:
    """Return a column as PostgreSQL's catalogue spells it."""
    kind = UDT_NAMES.get(column.type, column.type)
    return f"{column.name} {kind} {'YES' if column.nullable else 'NO'}"


@given(
    models=st.lists(
        MODEL, min_size=1, max_size=3, unique_by=lambda model: model["table"].lower()
    )
)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_types_go_there_and_back(
    database_url: str, models: list[dict[str, object]]
) -> None:
    """Whatever a configuration stores, PostgreSQL has it as it was described."""
    tables = stored_tables(models)
    answers = parse_answers({"auth_schema_additions": recorded(tables)})
    names = {table.name for table in tables}
    change = SchemaChange(
        tables=tuple(t for t in tables_for(answers) if t.name in names)
    )
    execute(database_url, statements(change))
    seen = execute(database_url, COLUMNS).splitlines()
    wanted = [f"{t.name}.{in_postgres(c)}" for t in tables for c in t.columns]
    assert sorted(seen) == sorted(wanted)
    execute(database_url, statements(replace(change, drops=True)))
    assert execute(database_url, COLUMNS) == ""
