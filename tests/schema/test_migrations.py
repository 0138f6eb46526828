"""Whatever creates the tables, better-auth, FastAPI and Alembic agree on them."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.auth_server import build as build_server
from support.copier_cli import copy, update
from support.databases import LAYERS, add_owned_model, alembic, with_alembic
from support.postgres import execute, new_database, running_postgres
from support.repositories import sql_files
from support.template import commit_all, git, make_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.copies import Copies
    from support.databases import Layer

UNVERIFIED = ("-d", "auth_email_verification=false")
SIGN_UP = """\
import { auth } from "./dist/auth/auth.config.js";
const url = (path) => `${auth.options.baseURL}/api/auth/${path}`;
const person = { name: "Ada", email: "ada@example.com", password: "correct horse" };
const response = await auth.handler(new Request(url(process.argv[2] ?? ""), {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(person),
}));
const cookie = response.headers.getSetCookie().map((c) => c.split(";")[0]).join("; ");
const asked = new Request(url("get-session"), { headers: { cookie } });
const seen = await auth.handler(asked);
console.log(JSON.stringify({ status: response.status, ...(await seen.json()) }));
process.exit(0);
"""
TABLES = """
select table_name from information_schema.tables
 where table_schema not in ('pg_catalog', 'information_schema') order by 1
"""


def node(server: Path, database_url: str, *arguments: str, **variables: str) -> str:
    """Run a script of the auth server against a database, as in production."""
    if not (server / "dist").exists():
        build_server(server)
    done = subprocess.run(
        ["node", *arguments],  # noqa: S607 - node from PATH
        cwd=server,
        env={
            **os.environ,
            "DATABASE_URL": database_url,
            # In development better-auth invents a client's address.
            "NODE_ENV": "production",
            "BETTER_AUTH_URL": "https://auth.example.com",
            "CORS_ORIGINS": "https://app.example.com",
            "EMAIL_FROM": "a@example.com",
            "RESEND_API_KEY": "re_unused",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def session_of(
    server: Path, database_url: str, path: str = "sign-up/email", **variables: str
) -> dict[str, str]:
    """Sign up, or in, without any forwarded address; return the session."""
    (server / "sign-up.mjs").write_text(SIGN_UP)
    said = node(server, database_url, "sign-up.mjs", path, **variables)
    (server / "sign-up.mjs").unlink()
    answer = json.loads(said.splitlines()[-1])
    assert answer["status"] == 200, said
    return dict(answer["session"])


def assert_nothing_to_do(server: Path, database_url: str) -> None:
    """better-auth itself finds every table and column as it expects them."""
    assert "up to date" in node(server, database_url, "dist/migrate.js")


@pytest.fixture(scope="session")
def oldest() -> Iterator[str]:
    """The oldest PostgreSQL that is supported."""
    with running_postgres(15) as url:
        yield url


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS.keys())
def test_alembic(template: Path, tmp_path: Path, postgres: str, layer: Layer) -> None:
    """Upgrade, sign-up, nothing to autogenerate, a foreign key, no trace at the end."""
    database_url = new_database(postgres)
    project = with_alembic(tmp_path / "project", layer)
    result = copy(template, project, *UNVERIFIED)
    assert result.returncode == 0, result.stderr
    alembic(project, database_url, "upgrade", "head")
    server = project / "auth-server"
    assert_nothing_to_do(server, database_url)
    session = session_of(server, database_url)
    assert session["token"] == execute(database_url, "select token from auth_session")
    versions = project / "migrations/versions"

    alembic(project, database_url, "revision", "--autogenerate", "-m", "nothing")
    (nothing,) = versions.glob("*_nothing.py")
    assert "op." not in nothing.read_text().partition("def upgrade")[2]
    nothing.unlink()

    add_owned_model(project, layer)
    alembic(project, database_url, "revision", "--autogenerate", "-m", "drafts")
    (drafts,) = versions.glob("*_drafts.py")
    assert drafts.read_text().count("op.create_table") == 1
    assert "auth_user.id" in drafts.read_text()
    alembic(project, database_url, "upgrade", "head")
    execute(
        database_url,
        "insert into drafts (id, owner_id) select 1, id from auth_user;"
        "delete from auth_user",
    )
    assert execute(database_url, "select count(*) from drafts") == "0"

    alembic(project, database_url, "downgrade", "000000000001")
    assert execute(database_url, TABLES).split() == ["alembic_version", "notes"]


def test_the_oldest_postgresql(template: Path, tmp_path: Path, oldest: str) -> None:
    """PostgreSQL 15 takes the same migration, triggers included."""
    database_url = new_database(oldest)
    layer = LAYERS["sqlalchemy_sync"]
    project = with_alembic(tmp_path / "project", layer)
    cached = ("-d", "auth_session_validation=cached")
    assert copy(template, project, *UNVERIFIED, *cached).returncode == 0
    alembic(project, database_url, "upgrade", "head")
    assert_nothing_to_do(project / "auth-server", database_url)
    session_of(project / "auth-server", database_url)
    alembic(project, database_url, "downgrade", "base")
    assert execute(database_url, TABLES) == "alembic_version"
    functions = "select count(*) from pg_proc where proname like 'auth\\_%'"
    assert execute(database_url, functions) == "0"


def test_sql_files(template: Path, tmp_path: Path, database_url: str) -> None:
    """The file after the last one makes what better-auth needs, and no lock is long."""
    project = sql_files(tmp_path / "project")
    assert copy(template, project, *UNVERIFIED).returncode == 0
    file = project / "migrations/002_add_auth_tables.sql"
    execute(database_url, file.read_text())
    assert_nothing_to_do(project / "auth-server", database_url)
    session_of(project / "auth-server", database_url)
    squawk = [str(Path(sys.executable).with_name("squawk"))]
    # The tables are new, so that no one waits for an index; types are better-auth's.
    rules = (
        "--exclude=require-concurrent-index-creation,prefer-bigint-over-int,"
        "prefer-robust-stmts,require-timeout-settings"
    )
    linted = subprocess.run(
        [*squawk, rules, str(file)], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_none(copies: Copies, tmp_path: Path, database_url: str) -> None:
    """The auth server migrates itself: four at once do it once, and say so."""
    server = copies.into(tmp_path, *UNVERIFIED, *NONE) / "auth-server"
    build_server(server)
    command = ["node", "dist/migrate.js"]
    environment = {**os.environ, "DATABASE_URL": database_url}
    jobs = [
        subprocess.Popen(command, cwd=server, env=environment, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    said = [job.communicate()[0].decode() for job in jobs]
    assert [job.returncode for job in jobs] == [0, 0, 0, 0]
    assert sum("create table" in text for text in said) == 1
    assert sum("up to date" in text for text in said) == 3
    session_of(server, database_url)
    unique = "select count(*) from pg_indexes where indexdef like '%UNIQUE%' and "
    together = f"{unique} indexdef like '%(provider_id, account_id)%'"
    assert execute(database_url, together) == "1"


NONE = ("-d", "auth_migration_system=none", "-d", "auth_database_layer=none")
READ_EXPIRY = """
import asyncio, asyncpg, sys
async def main():
    connection = await asyncpg.connect(sys.argv[1])
    row = await connection.fetchrow("select expires_at, created_at from auth_session")
    print(row["expires_at"].isoformat(), row["created_at"].isoformat())
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("node_zone", "python_zone"),
    [
        ("Asia/Karachi", "America/Los_Angeles"),
        ("America/Los_Angeles", "Asia/Karachi"),
    ],
)
def test_both_servers_read_the_same_moments(
    migrated: Path, database_url: str, node_zone: str, python_zone: str
) -> None:
    """Wherever each believes to be, and whatever zone the database has."""
    name = database_url.rpartition("/")[2]
    execute(database_url, f"alter database {name} set timezone = 'Asia/Kathmandu'")
    node(migrated, database_url, "dist/migrate.js")
    session = session_of(migrated, database_url, TZ=node_zone)
    said = subprocess.run(
        [sys.executable, "-c", READ_EXPIRY, database_url],
        env={**os.environ, "TZ": python_zone},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    seen = [datetime.fromisoformat(text) for text in said]
    wanted = [session["expiresAt"], session["createdAt"]]
    assert seen == [datetime.fromisoformat(text) for text in wanted]


@pytest.fixture
def migrated(copies: Copies, tmp_path: Path) -> Path:
    """An auth server that makes its own tables."""
    return copies.into(tmp_path / "project", *UNVERIFIED, *NONE) / "auth-server"


def test_another_schema_and_a_reader(migrated: Path, postgres: str) -> None:
    """As docs/database.md says: a schema by role, and SELECT on two tables only."""
    database_url = new_database(postgres)
    name = database_url.rpartition("/")[2]
    execute(
        database_url,
        f"""
        create role owner_{name} login; create role reader_{name} login;
        create schema auth authorization owner_{name};
        alter role owner_{name} set search_path = auth;
        alter role reader_{name} set search_path = auth;
        """,
    )
    as_owner = database_url.replace("app@", f"owner_{name}@")
    as_reader = database_url.replace("app@", f"reader_{name}@")
    node(migrated, as_owner, "dist/migrate.js")
    assert_nothing_to_do(migrated, as_owner)
    session_of(migrated, as_owner)
    execute(
        as_owner,
        f"""
        grant usage on schema auth to reader_{name};
        grant select on auth_session, auth_user to reader_{name};
        """,
    )
    where = "select table_schema from information_schema.tables where table_name ="
    assert execute(database_url, f"{where} 'auth_user'") == "auth"
    join = "select count(*) from auth_session s join auth_user u on u.id = s.user_id"
    assert execute(as_reader, join) == "1"
    with pytest.raises(subprocess.CalledProcessError):
        execute(as_reader, "select password from auth_account")
    with pytest.raises(subprocess.CalledProcessError):
        execute(as_reader, "delete from auth_session")


def test_a_release_with_another_column(tmp_path: Path, database_url: str) -> None:
    """It comes as a further revision; the one that was applied stays as it is."""
    template = make_template(tmp_path / "template", tag="v1.0.0")
    project = with_alembic(tmp_path / "project", LAYERS["sqlmodel_sync"])
    assert copy(template, project, *UNVERIFIED).returncode == 0
    commit_all(project)
    alembic(project, database_url, "upgrade", "head")
    versions = project / "migrations/versions"
    (first,) = versions.glob("*_add_auth_tables.py")
    before = first.read_bytes()
    file = template / "hooks/schema/better_auth.json"
    schema = json.loads(file.read_text())
    user = next(t for t in schema["tables"] if t["name"] == "auth_user")
    user["columns"].append({"name": "nickname", "type": "text", "nullable": True})
    file.write_text(json.dumps(schema))
    commit_all(template, "a better-auth with nicknames")
    git(template, "tag", "v1.1.0")

    result = update(project)

    assert result.returncode == 0, result.stderr
    assert first.read_bytes() == before
    (second,) = versions.glob("*_extend_auth_tables.py")
    assert "nickname" in (project / "app/auth/tables.py").read_text()
    alembic(project, database_url, "upgrade", "head")
    alembic(project, database_url, "check")
    commit_all(project, "update")
    assert update(project).returncode == 0
    assert git(project, "status", "--porcelain") == ""
    alembic(project, database_url, "downgrade", "-1")
    assert "nickname" not in execute(database_url, "select * from auth_user")
    assert second.exists()


def test_alembic_beside_tables_that_it_does_not_make(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """The auth server makes them, in the database that Alembic compares with."""
    project = with_alembic(tmp_path / "project", LAYERS["sqlalchemy_sync"])
    result = copy(template, project, *UNVERIFIED, "-d", "auth_migration_system=none")
    assert result.returncode == 0, result.stderr
    node(project / "auth-server", database_url, "dist/migrate.js")
    alembic(project, database_url, "upgrade", "head")
    alembic(project, database_url, "check")


def test_supabase_shows_the_tables_to_nobody(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """Its data API serves what has no row level security to everybody."""
    project = with_alembic(tmp_path / "project", LAYERS["sqlalchemy_sync"])
    supabase = ("-d", "auth_database_provider=supabase")
    assert copy(template, project, *UNVERIFIED, *supabase).returncode == 0
    alembic(project, database_url, "upgrade", "head")
    secured = (
        "select count(*), count(*) filter (where relrowsecurity) from pg_class "
        "where relkind = 'r' and relname like 'auth\\_%'"
    )
    assert execute(database_url, secured) == "5|5"
    session_of(project / "auth-server", database_url)


EARLIER = """\
import pg from "pg";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
const auth = betterAuth({
  baseURL: process.env["BETTER_AUTH_URL"],
  secret: process.env["BETTER_AUTH_SECRET"],
  database: new pg.Pool({ connectionString: process.env["DATABASE_URL"] }),
  emailAndPassword: { enabled: true },
});
await (await getMigrations(auth.options)).runMigrations();
const body = { name: "Ada", email: "ada@example.com", password: "correct horse" };
const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true });
console.log(headers.getSetCookie()[0]?.split(";")[0]);
process.exit(0);
"""
GET_SESSION = """\
import { auth } from "./dist/auth/auth.config.js";
const headers = new Headers({ cookie: process.argv[2] ?? "" });
const session = await auth.api.getSession({ headers });
console.log(session?.user.email);
process.exit(0);
"""


EITHER_ENGINE = """\
import os

from sqlalchemy import create_engine

url = os.environ.get("DATABASE_URL", "sqlite:///local.db")
engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
"""


def test_migrations_that_run_on_sqlite_too(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """A default for newcomers, or for tests: the revision passes there, both ways."""
    project = with_alembic(tmp_path / "project", LAYERS["sqlalchemy_sync"])
    (project / "app/db.py").write_text(EITHER_ENGINE)
    commit_all(project)
    result = copy(template, project, *UNVERIFIED)
    assert result.returncode == 0, result.stderr
    assert "on PostgreSQL alone" in result.stdout
    local = f"sqlite:///{tmp_path}/local.db"
    alembic(project, local, "upgrade", "head")
    with contextlib.closing(sqlite3.connect(tmp_path / "local.db")) as connection:
        made = connection.execute("select name from sqlite_master where type = 'table'")
        assert {name for (name,) in made} == {"alembic_version", "notes"}
    alembic(project, local, "downgrade", "base")
    alembic(project, database_url, "upgrade", "head")
    assert "auth_user" in execute(database_url, TABLES)
    alembic(project, database_url, "downgrade", "base")
    assert "auth_user" not in execute(database_url, TABLES)


# How env.py reaches the models, where only it puts the project on the path.
REACHES = {
    "tried": """
        sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))

        try:
            from app.models import Base
        except ImportError:
            raise
        target_metadata = Base.metadata
        """,
    "within a function": """
        sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))


        def metadata():
            from app.models import Base

            return Base.metadata


        target_metadata = metadata()
        """,
    "by a loop": """
        for folder in ("migrations", ""):
            sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", folder))
        import app.models

        target_metadata = app.models.Base.metadata
        """,
}


@pytest.mark.parametrize("reaches", REACHES.values(), ids=REACHES)
def test_env_py_that_sets_the_path_itself(
    template: Path, tmp_path: Path, database_url: str, reaches: str
) -> None:
    """The script ``alembic`` goes on running, and autogenerate has nothing to do."""
    project = with_alembic(tmp_path / "project", LAYERS["sqlalchemy_sync"])
    ini = project / "alembic.ini"
    ini.write_text(ini.read_text().replace("prepend_sys_path = .\n", ""))
    (project / "migrations/env.py").write_text(
        "import os\nimport sys\n\nfrom alembic import context\n"
        + textwrap.dedent(reaches)
        + textwrap.dedent("""
            from app.db import engine

            with engine.connect() as connection:
                context.configure(
                    connection=connection, target_metadata=target_metadata
                )
                with context.begin_transaction():
                    context.run_migrations()
            """)
    )
    commit_all(project)
    result = copy(template, project, *UNVERIFIED)
    assert result.returncode == 0, result.stderr
    assert "by hand  migrations/env.py" not in result.stdout
    script = str(Path(sys.executable).with_name("alembic"))
    for arguments in (("upgrade", "head"), ("check",)):
        done = subprocess.run(
            [script, *arguments],
            cwd=project,
            env={**os.environ, "DATABASE_URL": database_url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


UNSEEN_ENGINE = """\
import os

from sqlalchemy import create_engine

engine = create_engine(os.environ["DATABASE_URL"])
"""
OFFLINE_TOO = """
if context.is_offline_mode():
    context.configure(dialect_name="{dialect}", target_metadata=Base.metadata)
    context.run_migrations()
    raise SystemExit
"""


@pytest.mark.parametrize("strategy", ["database", "cached"])
def test_migrations_that_run_elsewhere_by_a_way_that_is_not_seen(
    template: Path, tmp_path: Path, strategy: str
) -> None:
    """No word of SQLite or MariaDB in the project: the revision passes there too."""
    project = with_alembic(tmp_path / "project", LAYERS["sqlalchemy_sync"])
    (project / "app/db.py").write_text(UNSEEN_ENGINE)
    commit_all(project)
    validation = ("-d", f"auth_session_validation={strategy}")
    result = copy(template, project, *UNVERIFIED, *validation)
    assert result.returncode == 0, result.stderr
    local = f"sqlite:///{tmp_path}/local.db"
    alembic(project, local, "upgrade", "head")
    with contextlib.closing(sqlite3.connect(tmp_path / "local.db")) as connection:
        made = connection.execute("select name from sqlite_master where type = 'table'")
        assert {name for (name,) in made} == {"alembic_version", "notes"}
    alembic(project, local, "downgrade", "base")
    env = project / "migrations/env.py"
    online = env.read_text()
    for dialect in ("mariadb", "mssql"):
        metadata = "target_metadata = Base.metadata\n"
        offline = OFFLINE_TOO.format(dialect=dialect)
        env.write_text(online.replace(metadata, metadata + offline))
        sql = alembic(project, local, "upgrade", "head", "--sql").lower()
        assert "notes" in sql
        assert "create table auth_" not in sql
        assert "trigger" not in sql


def test_people_of_an_earlier_better_auth(
    template: Path, tmp_path: Path, database_url: str
) -> None:
    """The step copies them: password, account and even the open session go on."""
    project = with_alembic(tmp_path / "project", LAYERS["sqlalchemy_sync"])
    (project / "schema.sql").write_text(
        'CREATE TABLE "user" ("emailVerified" boolean); CREATE TABLE session ();\n'
    )
    commit_all(project)
    result = copy(template, project, *UNVERIFIED)
    assert result.returncode == 0, result.stderr
    step = result.stdout[result.stdout.index("    BEGIN;") :]
    sql = step[: step.index("COMMIT;") + len("COMMIT;")]
    server = project / "auth-server"
    secret = {"BETTER_AUTH_SECRET": "an old secret that is long enough for it"}
    (server / "earlier.mjs").write_text(EARLIER)
    (server / "session.mjs").write_text(GET_SESSION)
    cookie = node(server, database_url, "earlier.mjs", **secret).splitlines()[-1]
    alembic(project, database_url, "upgrade", "head")
    execute(database_url, sql)
    execute(database_url, sql)
    assert execute(database_url, "select count(*) from auth_user") == "1"
    said = node(server, database_url, "session.mjs", cookie, **secret)
    assert said.splitlines()[-1] == "ada@example.com"
    session_of(server, database_url, "sign-in/email", **secret)
    assert execute(database_url, 'select count(*) from "user"') == "1"


BEGIN = {
    "sqlalchemy_sync": """
        from alembic import command
        from alembic.config import Config

        from app.db import engine
        from app.models import Base


        def begin():
            Base.metadata.create_all(engine)
            command.stamp(Config("alembic.ini"), "head")


        begin()
        """,
    "sqlmodel_async": """
        import asyncio

        from app.db import engine
        from app.models import SQLModel


        async def begin():
            async with engine.begin() as connection:
                await connection.run_sync(SQLModel.metadata.create_all)


        asyncio.run(begin())  # then: alembic stamp head
        """,
}


@pytest.mark.parametrize("layer", BEGIN)
def test_a_database_that_is_begun_with_create_all(
    template: Path, tmp_path: Path, postgres: str, layer: str
) -> None:
    """The stamp says that all tables are there, and so they are: a user signs up."""
    database_url = new_database(postgres)
    project = with_alembic(tmp_path / "project", LAYERS[layer])
    (project / "app/begin.py").write_text(textwrap.dedent(BEGIN[layer]))
    commit_all(project)
    result = copy(template, project, *UNVERIFIED)
    assert result.returncode == 0, result.stderr
    begun = subprocess.run(
        [sys.executable, "-m", "app.begin"],
        cwd=project,
        env={**os.environ, "DATABASE_URL": database_url},
        check=False,
        capture_output=True,
        text=True,
    )
    assert begun.returncode == 0, begun.stderr
    alembic(project, database_url, "stamp", "head")
    alembic(project, database_url, "upgrade", "head")
    assert_nothing_to_do(project / "auth-server", database_url)
    session_of(project / "auth-server", database_url)
    alembic(project, database_url, "check")
