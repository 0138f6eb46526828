"""What follows from a description of the schema alone: odd cases that are legal."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
import yaml
from alembic.migration import MigrationContext
from alembic.operations import Operations
from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import parse_answers
from copier_better_auth.answers.additions import ColumnType, parse_additions, recorded
from copier_better_auth.edits import plan_edits
from copier_better_auth.edits.extend_auth_package import extend_auth_package
from copier_better_auth.edits.record_additions import _as_yaml
from copier_better_auth.migrations.alembic import revision_source
from copier_better_auth.migrations.change import (
    SchemaChange,
    dropping,
    loosening,
    needed,
)
from copier_better_auth.migrations.declared import _FITTING
from copier_better_auth.migrations.sql import migration_file, statements
from copier_better_auth.pipeline import load_integration
from copier_better_auth.rendering import stored_fields
from copier_better_auth.schema.definitions import table_definitions
from copier_better_auth.schema.described import (
    UnknownSchemaError,
    beyond,
    stored_tables,
)
from copier_better_auth.schema.earlier import carry_over
from copier_better_auth.schema.tables import tables_for, template_tables
from copier_better_auth.sync.differences import loosened
from copier_better_auth.workspace import Workspace
from sqlalchemy.dialects import postgresql
from support.postgres import execute, new_database
from support.synced import UNVERIFIED

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.answers import Answers
    from copier_better_auth.answers.additions import StoredTable
    from support.copies import Copies


ACTING = """
from fastapi import FastAPI
from app.auth import testing
from app.auth.models import Session, User
app = FastAPI()
with testing.acting_as(app) as user:
    print(user.tenant)
    assert user.order == user.big == 0 and user.hobbies == user.scores == []
    assert user.plan == "it's" and user.is_partner is False and user.born_at.tzinfo
with testing.acting_as(app, "a@b.c", tenant="acme") as user:
    print(user.tenant, user.nick)
"""


def table(name: str, *columns: dict[str, Any]) -> dict[str, Any]:
    """Return a table as answers record it; a column is a nullable text by default."""
    given = [{"type": "text", "nullable": True, **column} for column in columns]
    return {"name": name, "columns": given}


def added(*tables: dict[str, Any]) -> tuple[StoredTable, ...]:
    """Return tables as ``sync`` has recorded them."""
    return parse_additions(tables)


def answers(*tables: dict[str, Any], **given: object) -> Answers:
    """Return answers in which these are recorded."""
    return parse_answers({"auth_schema_additions": list(tables), **given})


def revision(change: SchemaChange, name: str, after: str | None) -> str:
    """Return the text of a revision."""
    return revision_source(change, revision=name, down_revision=after, created="now")


INVITATION = table("auth_invitation", {"name": "email"}, {"name": "team_id"})


def test_a_column_that_is_gone_leaves_its_table() -> None:
    """Only the column is dropped, where the plugin still stores the table."""
    now = added(table("auth_invitation", {"name": "email"}))
    gone = beyond(added(INVITATION), now)
    change = dropping(answers(INVITATION), gone, [t.name for t in now])
    assert statements(change) == "ALTER TABLE auth_invitation DROP COLUMN team_id;\n"


def test_what_the_template_has_caught_up_with_is_not_gone() -> None:
    """A newer release knows a column that was an addition before."""
    assert not beyond(added(table("auth_user", {"name": "image"})), template_tables())


def test_what_was_dropped_is_made_again() -> None:
    """A revision that drops a table, and makes it on its way back, leaves none."""
    given = answers(INVITATION)
    base = needed(answers(), ())
    first = revision(base, "a", None)
    second = revision(needed(given, [first]), "b", "a")
    change = dropping(given, added(INVITATION), ())
    third = revision(change, "c", "b")
    assert not needed(given, [first, second])
    again = needed(given, [first, second, third])
    assert [t.name for t in again.tables] == ["auth_invitation"]


def test_a_column_that_was_dropped_is_made_again() -> None:
    """The same for a column of a table that stays."""
    role = table("auth_user", {"name": "role"})
    first = revision(needed(answers(), ()), "a", None)
    second = revision(needed(answers(role), [first]), "b", "a")
    third = revision(dropping(answers(role), added(role), ()), "c", "b")
    again = needed(answers(role), [first, second, third])
    assert [a.column.name for a in again.columns] == ["role"]


def test_a_key_to_a_column_of_the_same_run() -> None:
    """The column is added before the table that refers to it."""
    pet = table(
        "auth_pet",
        {"name": "owner", "references": "auth_user", "references_column": "username"},
    )
    user = table("auth_user", {"name": "username", "unique": True})
    first = statements(needed(answers(), ()))
    sql = statements(needed(answers(user, pet), [first]))
    assert sql.index("ADD COLUMN username") < sql.index("CREATE TABLE auth_pet")


def test_row_level_security_of_odd_names() -> None:
    """Names are quoted in every statement, and the revision is still Python."""
    given = answers(
        table("teamMember"), table("order"), auth_database_provider="supabase"
    )
    change = needed(given, [statements(needed(answers(), ()))])
    assert 'ALTER TABLE "teamMember" ENABLE ROW LEVEL SECURITY' in statements(change)
    ast.parse(revision(change, "a", None))
    gone = dropping(given, given.auth_schema_additions, ())
    assert gone.hidden


def test_each_type_is_known_to_the_diagnostics() -> None:
    """A column of any type can be judged."""
    assert set(_FITTING) == set(ColumnType)


NAMES = (
    *("list", "str", "field", "datetime", "class", "order", "email", "_2fa"),
    *("isPartner", "is_partner", "x" * 60),
)


@pytest.mark.parametrize("name", ["auth_user", "auth_session"])
def test_any_name_is_python(name: str) -> None:
    """The files that ``sync`` changes parse, and no field hides another."""
    given = [{"name": column, "field": f"f{n}"} for n, column in enumerate(NAMES)]
    given.append({"name": "hobbies", "type": "jsonb", "items": "text"})
    additions = [table(name, *given)]
    fields = stored_fields.fields_of(additions, name)
    assert len({f.name for f in fields}) == len(fields) == len(NAMES) + 1
    assert len({f.claim for f in fields}) == len(fields)
    assert all(len(f.alias) <= 63 for f in fields)
    declared = (
        f"{stored_fields.model_imports(additions)}\n\n\n@dataclass(frozen=True)\n"
        f"class User:\n{stored_fields.user_fields(additions)}\n\n\n"
        f"@dataclass(frozen=True)\nclass Session:\n"
        f"{stored_fields.session_fields(additions)}\n"
    )
    exec(compile(declared, "models.py", "exec"), {})  # noqa: S102 - our own text
    ast.parse(f"f(\n{stored_fields.user_of_claims(additions).replace('    )', ')')}")


def test_no_field_is_a_claim_of_the_token_s_own() -> None:
    """Neither a person nor a plugin decides when a token ends, or whose it is."""
    taken = ("exp", "iss", "aud", "sub", "sid", "name")
    fields = [{"name": name} for name in taken]
    additions = [table("auth_user", *fields), table("auth_session", *fields)]
    names = [
        field.claim
        for one in ("auth_user", "auth_session")
        for field in stored_fields.fields_of(additions, one)
    ]
    assert not {*taken, "email", "iat", "nbf"} & {*names}
    assert len({*names}) == len(names)


def test_a_table_with_a_name_of_python_s() -> None:
    """``metadata`` stays the metadata for every table."""
    text = table_definitions(answers(table("metadata"), table("class"), table("sa")))
    tree = ast.parse(text)
    names = {t.id for node in tree.body for t in node.targets}  # type: ignore[attr-defined]
    assert not names & {"metadata", "sa", "class"}


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "1:30", "null", "~", "0x1"])
def test_copier_reads_what_was_recorded(word: str) -> None:
    """Copier's YAML is an older one, in which some words are no text."""
    entry = {"name": "on", "values": [word, "it's"], "default": word}
    stored = recorded(added(table("yes", entry)))
    written = _as_yaml("auth_schema_additions", stored)
    read = yaml.safe_load(written)["auth_schema_additions"]
    assert parse_additions(read) == added(table("yes", entry))


@pytest.mark.parametrize(
    "field",
    [
        {"name": "a"},
        {"name": "a", "type": {"of": "point"}},
        {"name": "a", "type": "string", "references": {"field": "id"}},
        {"name": "a", "type": "string", "references": {"model": "x", "onDelete": "no"}},
        {"name": "a b", "type": "string"},
        "a",
    ],
)
def test_a_description_that_makes_no_sense(field: object) -> None:
    """It is refused in words, whatever is wrong with it."""
    model = {"key": "x", "table": "x", "fields": [field], "indexes": []}
    with pytest.raises(UnknownSchemaError):
        stored_tables([model])  # type: ignore[list-item]


REQUIRED = (
    {"name": "tenant"},
    {"name": "order", "type": "integer"},
    {"name": "big", "type": "bigint"},
    {"name": "is_partner", "type": "boolean"},
    {"name": "born_at", "type": "timestamptz"},
    {"name": "team_id", "type": "uuid"},
    {"name": "plan", "values": ["it's", 'th"ree']},
    {"name": "hobbies", "type": "jsonb", "items": "text"},
    {"name": "scores", "type": "jsonb", "items": "integer"},
    {"name": "details", "type": "jsonb"},
    {"name": "nick", "nullable": True},
)


def test_a_test_acts_as_a_user_with_required_fields(
    copies: Copies, tmp_path: Path
) -> None:
    """Each has a value that fits; one that a test gives counts."""
    project = copies.into(tmp_path, *UNVERIFIED)
    given = [{"nullable": False, **one} for one in REQUIRED]
    now = answers(table("auth_user", *given), table("auth_session", *given))
    edited = extend_auth_package(answers())
    integration = load_integration(project, ANSWERS_FILE)
    plan = plan_edits(replace(integration, answers=now), only=(edited,))
    assert not plan.manual_steps
    Workspace(project).apply(plan)
    done = subprocess.run(
        [sys.executable, "-c", ACTING],
        cwd=project / "backend",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["test", "acme", "None"]


def test_nothing_is_rendered_for_fields_with_a_default() -> None:
    """The file of a project that adds nothing that must be given is as before."""
    given = [table("auth_user", {"name": "nick"}, {"name": "plan", "default": "free"})]
    assert stored_fields.acted_user(given) == stored_fields.acted_user([])
    assert stored_fields.acted_session(given) == stored_fields.acted_session([])


CIRCLE = (
    table(
        "auth_team",
        {"name": "lead_id", "type": "uuid", "references": "auth_player"},
        {"name": "parent_id", "type": "uuid", "references": "auth_team"},
        {"name": "user", "type": "uuid", "references": "auth_user"},
    ),
    table(
        "auth_player",
        {"name": "team_id", "type": "uuid", "references": "auth_team"},
        {"name": "order", "type": "uuid", "references": "auth_match"},
    ),
    table("auth_match", {"name": "best", "type": "uuid", "references": "auth_player"}),
)
KEYS = """
select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
 where contype = 'f' and conname not like 'auth\\_account%'
   and conname not like 'auth\\_session%' order by 1
"""


def as_sql(source: str, direction: str) -> str:
    """Return the SQL that Alembic makes of a revision."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written}
    )
    scope: dict[str, Any] = {}
    exec(compile(source, "revision.py", "exec"), scope)  # noqa: S102 - our own text
    with Operations.context(context):
        scope[direction]()
    return written.getvalue()


@pytest.mark.parametrize("extended", [False, True], ids=["at once", "later"])
def test_tables_in_a_circle(postgres: str, *, extended: bool) -> None:
    """Each has its keys, by Alembic and by SQL; on the way back nothing is left."""
    first = statements(needed(answers(), ()))
    change = needed(answers(*CIRCLE), [first] if extended else [])
    before = first if extended else ""
    by_sql, by_alembic = new_database(postgres), new_database(postgres)
    up, down = migration_file(change, "-- migrate:up").split("-- migrate:down")
    source = revision(change, "a", None)
    execute(by_sql, before + up)
    execute(by_alembic, before + as_sql(source, "upgrade"))
    keys = execute(by_sql, KEYS)
    assert len(keys.splitlines()) == 6
    assert keys == execute(by_alembic, KEYS)
    execute(by_sql, down)
    execute(by_alembic, as_sql(source, "downgrade"))
    for url in (by_sql, by_alembic):
        assert execute(url, KEYS) == ""


def test_models_of_tables_in_a_circle() -> None:
    """SQLAlchemy sorts them without a complaint, and makes what the migration makes."""
    text = table_definitions(answers(*CIRCLE))
    metadata = sa.MetaData()
    scope = {"sa": sa, "postgresql": postgresql, "metadata": metadata}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(text, "tables.py", "exec"), scope)  # noqa: S102 - our own text
        assert len(metadata.sorted_tables) == len(tables_for(answers(*CIRCLE)))
    late = [key for t in metadata.tables.values() for key in t.foreign_key_constraints]
    assert sum(key.use_alter for key in late) == 2


OLD_TABLES = """
create table "user" (
  id text, name text, email text, "emailVerified" boolean, image text,
  "createdAt" timestamptz, "updatedAt" timestamptz, role text);
create table session (
  id text, "userId" text, "expiresAt" timestamptz, token text, "createdAt" timestamptz,
  "updatedAt" timestamptz, "ipAddress" text, "userAgent" text,
  "activeOrganizationId" text, "impersonatedBy" text);
create table subscription (id text, "referenceId" text);
create table account (
  id text, "userId" text, "accountId" text, "providerId" text, "accessToken" text,
  "refreshToken" text, "idToken" text, "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz, scope text, password text,
  "createdAt" timestamptz, "updatedAt" timestamptz);
create table organization (id text, name text);
create table member (id text, "organizationId" text, "userId" text);
insert into "user" values ('u1', 'Ada', 'a@b.c', true, null, now(), now(), 'admin');
insert into session values
  ('s1', 'u1', now(), 't', now(), now(), null, null, 'o1', 'u1');
insert into subscription values ('1', 'u1'), ('2', 'o1'), ('3', 'of another system');
insert into organization values ('o1', 'Acme');
insert into member values ('m1', 'o1', 'u1');
"""


def test_plugins_are_carried_over(database_url: str) -> None:
    """What an earlier better-auth has stored of them keeps belonging together."""
    given = answers(
        table("auth_user", {"name": "role"}, {"name": "nick"}),
        table(
            "auth_session",
            {"name": "active_organization_id"},
            {"name": "impersonated_by"},
        ),
        table("auth_subscription", {"name": "reference_id"}),
        table("auth_organization", {"name": "name"}),
        table(
            "auth_member",
            {"name": "user_id", "type": "uuid", "references": "auth_user"},
            {
                "name": "organization_id",
                "type": "uuid",
                "references": "auth_organization",
            },
        ),
        table("auth_api_key", {"name": "key"}),
    )
    execute(database_url, statements(needed(given, ())))
    execute(database_url, OLD_TABLES)
    sql = carry_over(given, OLD_TABLES)
    execute(database_url, sql)
    execute(database_url, sql)
    found = execute(
        database_url,
        "select u.role, o.name from auth_member m "
        "join auth_user u on u.id = m.user_id "
        "join auth_organization o on o.id = m.organization_id "
        "join auth_session s on s.user_id = u.id "
        "and s.active_organization_id = o.id::text and s.impersonated_by = u.id::text",
    )
    assert found == "admin|Acme"
    # One column names people, organizations, and what only its owner knows.
    references = execute(
        database_url,
        "select coalesce(u.email, o.name, reference_id) from auth_subscription "
        "left join auth_user u on u.id::text = reference_id "
        "left join auth_organization o on o.id::text = reference_id",
    )
    assert {*references.splitlines()} == {"a@b.c", "Acme", "of another system"}


INSERT = "insert into auth_user (name, email, email_verified) values ('', '', true)"


def test_what_is_filled_no_more_may_be_empty(postgres: str) -> None:
    """Rows are stored without it; on the way back it must be filled again."""
    tenant = {"name": "order", "nullable": False}
    given = answers(
        table("auth_user", tenant, {"name": "kept", "nullable": False, "default": "x"})
    )
    change = loosening(given, given.auth_schema_additions)
    assert str(change) == "auth_user.order"
    up, down = migration_file(change, "-- migrate:up").split("-- migrate:down")
    source = revision(change, "b", "a")
    both = ((up, down), (as_sql(source, "upgrade"), as_sql(source, "downgrade")))
    for forth, back in both:
        url = new_database(postgres)
        execute(url, statements(needed(given, ())))
        execute(url, forth)
        execute(url, INSERT)
        execute(url, "delete from auth_user")
        execute(url, back)
        with pytest.raises(subprocess.CalledProcessError):
            execute(url, INSERT)
    (now,) = loosened(given.auth_schema_additions, given.auth_schema_additions)
    assert [column.nullable for column in now.columns] == [True, False]
    assert not loosening(answers(*recorded((now,))), (now,))
