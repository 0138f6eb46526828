"""What ``sync`` and the diagnostics make of projects that went their own way."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from copier_better_auth.schema.described import stored_tables
from copier_better_auth.schema.kept_names import by_kept_names, kept_names
from copier_better_auth.schema.tables import template_tables
from support.databases import alembic
from support.node import install_node_packages
from support.plugins import CALLS, TWO_FACTOR, Plugin, add_plugins, calls_of
from support.postgres import execute
from support.projects import run_command, set_env, sync
from support.synced import (
    CONFIG,
    SERVER_MIGRATES,
    UNVERIFIED,
    assert_refused,
    edit,
    run_node,
)
from support.template import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies

ORGANIZATION = Plugin(
    name="organization",
    added="organization()",
    calls=(("organization/create", {"name": "Acme", "slug": "acme"}),),
)
# From this project's names to better-auth's own.
OLDER = {
    r"auth_(organization|member|invitation)": r"\1",
    r"organization_id": "organizationId",
    r"active_organizationId": "activeOrganizationId",
    r"user_id": "userId",
    r"inviter_id": "inviterId",
    r"created_at": "createdAt",
    r"expires_at": "expiresAt",
    r"auth_device_code": "deviceCode",
    r"device_code": "deviceCode",
    r"user_code": "userCode",
    r"last_polled_at": "lastPolledAt",
    r"polling_interval": "pollingInterval",
    r"client_id": "clientId",
}


def add_organization(project: Path) -> None:
    """Add the plugin, as its owner would."""
    edit(project, CONFIG, "import { twoFactor }", "import { organization, twoFactor }")
    edit(project, CONFIG, "    twoFactor(),", "    twoFactor(),\n    organization(),")


def add_devices(project: Path) -> None:
    """Add a plugin that has indexes over columns, as its owner would."""
    edit(
        project,
        CONFIG,
        "import { organization,",
        "import { deviceAuthorization, organization,",
    )
    edit(
        project,
        CONFIG,
        "    twoFactor(),",
        '    twoFactor(),\n    deviceAuthorization({ verificationUri: "/device" }),',
    )


def test_an_older_set_up_keeps_its_names(project: Path, database_url: str) -> None:
    """Tables and columns by better-auth's own names are used as they are."""
    add_organization(project)
    add_devices(project)
    assert sync(project, "--yes").returncode == 0
    (path,) = git(project, "ls-files", "--others", "--exclude-standard").split()
    text = (project / path).read_text()
    assert run_command(project, "undo", "--yes").returncode == 0
    for ours, theirs in OLDER.items():
        text = re.sub(ours, theirs, text)
    (project / path).write_text(text)
    commit_all(project, "as better-auth names them")

    done = sync(project, "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "organization, member, invitation" in " ".join(done.stdout.split())
    assert "??" not in git(project, "status", "--porcelain")
    commit_all(project, "sync")
    backend, server = project / "backend", project / "auth-server"
    alembic(backend, database_url, "upgrade", "head")
    alembic(backend, database_url, "check")
    assert "up to date" in run_node(server, database_url, "src/migrate.ts")
    (server / "calls.mjs").write_text(CALLS)
    run_node(server, database_url, "calls.mjs", calls_of([ORGANIZATION]))
    (server / "calls.mjs").unlink()
    found = 'select "organizationId" is not null from member'
    assert execute(database_url, found) == "t"
    assert 's."activeOrganizationId"' in (backend / "app/auth/sessions.py").read_text()
    set_env(server, DATABASE_URL=database_url)
    said = run_command(project, "doctor", "--check", "BA013", "--json")
    (result,) = json.loads(said.stdout)["results"]
    assert result["status"] == "pass", result
    again = sync(project, "--yes")
    assert again.stdout.endswith("nothing to do.\n")
    assert git(project, "status", "--porcelain") == ""


BY_DEFAULT = """    op.execute(
        'create table "user" (id text primary key, name text not null, '
        'email text not null, "emailVerified" boolean not null, image text, '
        '"createdAt" timestamptz not null, "updatedAt" timestamptz not null)'
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("createdAt", sa.DateTime(timezone=True), nullable=False),
    )
"""


def test_a_whole_earlier_better_auth_is_not_kept(project: Path) -> None:
    """Its ids are texts: tables of this project's names are made, to carry it over."""
    (revision,) = (project / "backend/migrations/versions").glob("*_extend_auth_*.py")
    upgrade = "def upgrade() -> None:\n"
    path = str(revision.relative_to(project))
    edit(project, path, upgrade, f"{upgrade}{BY_DEFAULT}")
    add_organization(project)
    said = sync(project, "--json")
    assert not said.stderr
    found = json.loads(said.stdout)
    assert found["kept"] == []
    assert "auth_organization" in found["added"]


def test_a_column_that_is_there_with_another_type(project: Path) -> None:
    """Its owner's is not taken for the plugin's; nothing is half done."""
    (revision,) = (project / "backend/migrations/versions").glob("*_extend_auth_*.py")
    edit(
        project,
        str(revision.relative_to(project)),
        "def upgrade() -> None:\n",
        'def upgrade() -> None:\n    op.add_column("auth_user", '
        'sa.Column("username", sa.Integer()))\n',
    )
    edit(project, CONFIG, "import { twoFactor }", "import { username, twoFactor }")
    edit(project, CONFIG, "    twoFactor(),", "    twoFactor(),\n    username(),")
    assert_refused(project, f"{revision.name}:", "auth_user.username", "integer")


def test_what_the_environment_lacks(project: Path) -> None:
    """The project's own check ends the process: its line is said all the same."""
    edit(
        project,
        "auth-server/src/config/env.ts",
        "    DATABASE_URL:",
        "    STRIPE_KEY: z.string(),\n    DATABASE_URL:",
    )
    assert_refused(project, "src/config/env.ts:", "STRIPE_KEY is missing")


@pytest.mark.parametrize(
    ("message", "said"), [("no prices", "no prices"), (" ", "it said nothing")]
)
def test_an_error_of_another_module(project: Path, message: str, said: str) -> None:
    """The place is where it was thrown, and not where it was imported."""
    edit(
        project,
        "auth-server/src/auth/names.ts",
        "export function named<",
        f'if (!process.env["PRICES"]) throw new TypeError("{message}");\n'
        "export function named<",
    )
    assert_refused(project, "src/auth/names.ts:", said)


def test_the_doctor_knows_the_plugin_s_tables(project: Path, database_url: str) -> None:
    """Types, moments, and columns that another has made: by their tables and names."""
    set_env(project / "auth-server", DATABASE_URL=database_url)
    alembic(project / "backend", database_url, "upgrade", "head")
    execute(
        database_url,
        "alter table auth_two_factor alter secret type inet using null;"
        "alter table auth_two_factor add column tenant text not null",
    )
    said = run_command(project, "doctor", "--json")
    found = {one["code"]: one for one in json.loads(said.stdout)["results"]}
    assert found["BA003"]["status"] == "fail"
    assert "auth_two_factor.secret is inet" in found["BA003"]["message"]
    assert found["BA013"]["status"] == "fail"
    assert "auth_two_factor.tenant must be filled" in found["BA013"]["message"]
    assert {found[code]["status"] for code in ("BA007", "BA008")} == {"pass"}


def test_supabase_shows_no_table_of_a_plugin(
    copies: Copies, tmp_path: Path, database_url: str
) -> None:
    """Its data API would serve one of any name that the auth server makes."""
    supabase = ("-d", "auth_database_provider=supabase")
    project = copies.into(tmp_path, *UNVERIFIED, *SERVER_MIGRATES, *supabase)
    server = project / "auth-server"
    other = 'twoFactor({ schema: { twoFactor: { modelName: "factors" } } })'
    add_plugins(server, [replace(TWO_FACTOR, added=other)], fields="")
    install_node_packages(server)
    assert sync(project, "--yes").returncode == 0
    run_node(server, database_url, "src/migrate.ts")
    shown = "select relname from pg_class where relkind = 'r' and not relrowsecurity"
    names = f"{shown} and relnamespace = 'public'::regnamespace"
    assert execute(database_url, names) == ""
    assert execute(database_url, "select count(*) from factors") == "0"
    commit_all(project, "sync")
    edit(project, CONFIG, 'modelName: "factors"', 'modelName: "second_factor"')
    flags = ("--json", "--yes", "--renamed", "factors=second_factor")
    said = json.loads(sync(project, *flags).stdout)
    assert said["applied"]
    # No migration has it, and a script prints nothing else.
    execute(database_url, said["in_database"])
    assert execute(database_url, "select count(*) from second_factor") == "0"
    assert "up to date" in run_node(server, database_url, "src/migrate.ts")


# ---------------------------------------------------- what follows from names alone


def model(key: str, table: str, *fields: str, **named: str) -> dict[str, Any]:
    """Return a model of required texts; ``named`` have a column of another name."""
    given = [{"name": name, "type": "string"} for name in fields]
    given += [
        {"name": name, "type": "string", "fieldName": column}
        for name, column in named.items()
    ]
    indexes = [{"name": f"{table}_uidx", "columns": [*named.values()], "unique": True}]
    return {"key": key, "table": table, "fields": given, "indexes": indexes}


MEMBER = model("member", "auth_member", "role", userId="user_id")
SESSION = model("session", "auth_session", "token", activeTeamId="active_team_id")
FIXED = [table.name for table in template_tables()]


@pytest.mark.parametrize(
    ("there", "kept"),
    [
        ({}, []),
        ({"member": {"id", "role", "userId", "more"}}, ["member"]),
        ({"member": {"id", "since"}}, []),  # of a club
        ({"member": {"role", "userId"}}, []),  # with another key
        ({"member": {"id", "role", "userId"}, "auth_member": {"role", "user_id"}}, []),
        ({"auth_session": {"token", "activeTeamId"}}, ["session.activeTeamId"]),
        ({"auth_session": {"token", "activeTeamId", "active_team_id"}}, []),
        ({"session": {"token", "activeTeamId"}}, []),  # carried over
        ({"auth_member": {"role", "userId"}}, ["member.userId"]),
    ],
)
def test_what_keeps_its_name(there: dict[str, set[str]], kept: list[str]) -> None:
    """A table that has all that the model needs, or a column next to the others."""
    found = kept_names(
        [MEMBER, SESSION],
        FIXED,
        lambda name: dict.fromkeys(there.get(name, ()), True),
    )
    assert [*found] == kept


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        ((), ["member", "session.activeTeamId"]),
        (("id",), ["session.activeTeamId"]),
        (("teamId",), ["session.activeTeamId"]),
        (("activeTeamId",), ["member"]),
        (("role",), ["member", "session.activeTeamId"]),
    ],
)
def test_what_cannot_hold_our_ids_is_not_kept(
    texts: tuple[str, ...], kept: list[str]
) -> None:
    """better-auth makes ids of 32 characters by default; those are carried over."""
    member = model("member", "auth_member", "role", teamId="team_id")
    session = model("session", "auth_session", "token", activeTeamId="active_team_id")
    for one in (member, session):
        one["fields"][1]["references"] = {"model": "team", "field": "id"}
    there = {
        "member": ("id", "role", "teamId"),
        "auth_session": ("id", "token", "activeTeamId"),
    }
    found = kept_names(
        [member, session],
        FIXED,
        lambda name: {c: c not in texts for c in there.get(name, ())},
    )
    assert [*found] == kept


@pytest.mark.parametrize(
    ("columns", "before", "after"),
    [
        (
            ("user_id", "role"),
            "auth_member_user_id_role_idx",
            "member_userId_role_idx",
        ),
        # As better-auth itself cuts them.
        (
            ("user_id", "of_a_name_that_is_long_enough_to_be_cut_by_better_auth"),
            "auth_member_user_id_of_a_name_that_is_long_enough__4cf72c86_idx",
            "member_userId_of_a_name_that_is_long_enough_to_be__03b2dd90_idx",
        ),
    ],
)
def test_an_index_is_named_after_what_is_kept(
    columns: tuple[str, ...], before: str, after: str
) -> None:
    """Otherwise the next sync would find another index of the same columns."""
    member = model("member", "auth_member", columns[1], userId="user_id")
    member["indexes"] = [{"name": before, "columns": [*columns]}]
    (kept,) = stored_tables(by_kept_names([member], ["member"]))
    assert [index.name for index in kept.indexes] == [after]


def test_kept_names_are_all_that_changes() -> None:
    """Columns, indexes and what refers to a kept table follow it."""
    team = model("team", "auth_team", "name", memberId="member_id")
    team["fields"][1]["references"] = {"model": "member", "field": "id"}
    member, session, teams = stored_tables(
        by_kept_names([MEMBER, SESSION, team], ["member", "session.activeTeamId"])
    )
    assert member.name == "member"
    assert [column.name for column in member.columns] == ["role", "userId"]
    assert member.indexes[0].columns == ("userId",)
    assert member.indexes[0].name == "auth_member_uidx"  # given, not made
    assert session.name == "auth_session"
    assert [column.name for column in session.columns] == ["token", "activeTeamId"]
    assert teams.columns[1].references == "member"
    assert teams.columns[1].name == "member_id"
