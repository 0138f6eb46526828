"""Probes ask a real better-auth and a real PostgreSQL; repaired servers start."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from copier_better_auth import ANSWERS_FILE
from copier_better_auth.answers import load_answers
from copier_better_auth.diagnostics import CHECKS, run_checks
from copier_better_auth.migrations.change import SchemaChange
from copier_better_auth.migrations.sql import statements
from copier_better_auth.model import Status
from copier_better_auth.pipeline import load_integration
from copier_better_auth.schema import tables_for
from support.node import TSC, TSX, install_node_packages
from support.postgres import execute, free_port
from support.processes import running, wait_for
from support.projects import set_env
from support.seeded import Healthy, contents, repair, results, seed, undo
from support.template import commit_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.copies import Copies


@pytest.fixture
def migrated(healthy: Healthy, tmp_path: Path, database_url: str) -> Path:
    """A new project with its packages, and the tables in its database."""
    project = healthy.copy_of("default", tmp_path / "project")
    install_node_packages(project / "auth-server")
    set_env(project / "auth-server", DATABASE_URL=database_url)
    tables = tables_for(load_answers(project / ANSWERS_FILE))
    execute(database_url, statements(SchemaChange(tables=tables)))
    (revision,) = project.glob("backend/migrations/versions/*_add_auth_tables.py")
    name = revision.name.partition("_")[0]
    execute(
        database_url, f"create table alembic_version as select '{name}' version_num"
    )
    return project


def probed(project: Path) -> dict[str, tuple[Status, str, str]]:
    """Return status, message and remedy by code."""
    found = results(project, probe=True)
    return {r.code: (r.status, r.message, r.remedy) for r in found}


def test_a_live_database_is_compared(migrated: Path, database_url: str) -> None:
    """A healthy one passes; each fault is seen, and mended by a new migration."""
    found = probed(migrated)
    assert {status for status, _, _ in found.values()} == {Status.PASS}, found
    execute(
        database_url,
        "alter table auth_session alter ip_address type inet using null;"
        "alter table auth_session alter expires_at type timestamp;"
        "alter table auth_user drop column image",
    )
    env = migrated / "auth-server/.env"
    env.write_text(env.read_text() + "# asked again\n")
    found = probed(migrated)
    assert found["BA003"][:2] == (
        Status.FAIL,
        "auth_session.ip_address is inet in the database, not text",
    )
    assert "--fix" in found["BA003"][2]
    assert found["BA008"][0] is Status.FAIL
    assert found["BA013"][0] is Status.FAIL
    assert "image" in found["BA013"][1]
    assert "alter table" in found["BA013"][2]
    # Where the revision was not applied, applying it is all there is to do.
    execute(database_url, "drop table alembic_version")
    env.write_text(env.read_text() + "# and again\n")
    found = probed(migrated)
    assert found["BA003"][2] == "(cd backend && uv run alembic upgrade head)"
    assert found["BA013"][2] == "(cd backend && uv run alembic upgrade head)"


def test_people_who_are_left_behind_are_counted(
    healthy: Healthy, tmp_path: Path, database_url: str
) -> None:
    """In the old table, read only; nobody is named, and no hash is shown."""
    project = healthy.copy_of("people", tmp_path / "project")
    install_node_packages(project / "auth-server")
    set_env(project / "auth-server", DATABASE_URL=database_url)
    tables = tables_for(load_answers(project / ANSWERS_FILE))
    execute(database_url, statements(SchemaChange(tables=tables)))
    execute(
        database_url,
        "create table users (id int primary key, email text, password_hash text);"
        "insert into users values (1, 'Ada@example.com', '$2b$12$' || repeat('a', 53)),"
        " (2, 'bob@example.com', 'plain'), (3, null, '')",
    )
    (found,) = results(project, "BA015", probe=True)
    assert found.status is Status.WARN
    assert "2 people in users have no account" in found.message
    assert "1 password in users cannot be verified by the auth server" in found.detail
    assert "run import-users" in found.remedy
    for secret in ("bob@", "plain", "$2b$"):
        assert secret not in f"{found.message}{found.detail}"
    execute(
        database_url,
        "insert into auth_user (name, email)"
        " values ('Ada', 'ada@example.com'), ('Bob', 'bob@example.com');"
        "update users set password_hash = '' where id = 2",
    )
    env = project / "auth-server/.env"
    env.write_text(env.read_text() + "# asked again\n")
    (found,) = results(project, "BA015", probe=True)
    assert found.status is Status.PASS, found


REFUSING = {
    "a column of the project's own": (
        "alter table auth_user add column plan text not null",
        "auth_user.plan must be filled",
    ),
    "an optional column that must be filled": (
        "alter table auth_session alter user_agent set not null",
        "auth_session.user_agent must be filled",
    ),
    "a trigger": (
        (
            "create function refuse() returns trigger language plpgsql as "
            "$$ begin raise 'no'; end $$; create trigger refuse before insert on "
            "auth_user for each row execute function refuse()"
        ),
        "sign-up fails",
    ),
    "a constraint": (
        "alter table auth_user add constraint ours check (email like '%@ours.example')",
        "sign-up fails",
    ),
}


def test_what_refuses_every_sign_up_is_found(migrated: Path, database_url: str) -> None:
    """By the catalogue, and by a sign-up that is rolled back."""
    env = migrated / "auth-server/.env"
    for name, (statement, message) in REFUSING.items():
        execute(database_url, f"begin; {statement}; commit")
        env.write_text(f"{env.read_text()}# {name}\n")
        (found,) = results(migrated, "BA020", probe=True)
        assert found.status is Status.FAIL, name
        assert message in found.message
        assert found.remedy
        if message.startswith("auth_"):
            (drift,) = results(migrated, "BA013", probe=True)
            assert drift.status is Status.FAIL
            assert message in drift.message
        execute(
            database_url,
            "alter table auth_user drop column if exists plan;"
            "alter table auth_session alter user_agent drop not null;"
            "drop trigger if exists refuse on auth_user;"
            "drop function if exists refuse;"
            "alter table auth_user drop constraint if exists ours",
        )
    env.write_text(f"{env.read_text()}# healthy\n")
    (found,) = results(migrated, "BA020", probe=True)
    assert found.status is Status.PASS, found
    assert rows(database_url) == 0


def test_another_s_column_in_any_table_is_found(
    migrated: Path, database_url: str
) -> None:
    """An insert fails there, too, though no sign-up stores a row in it."""
    execute(
        database_url,
        "alter table auth_verification add column tenant integer not null, "
        "add column note text not null default '', add column part text, "
        "add column number int generated always as identity",
    )
    (found,) = results(migrated, "BA013", probe=True)
    assert found.status is Status.FAIL
    assert "auth_verification.tenant must be filled" in found.message
    assert "ALTER TABLE auth_verification ALTER COLUMN tenant" in found.remedy
    assert not any(name in found.detail for name in ("note", "part", "number"))


CATCH_ALL = 'app.all("/api/auth/{*any}", toNodeHandler(auth));'
# What files do not show, all at once: file, text, replacement, and by whom it is found.
HIDDEN = {
    "BA002": (
        "src/app.ts",
        CATCH_ALL,
        f"""for (const first of [toNodeHandler(auth)]) app.all("/api/auth/*all", first);
app.delete("/api/auth/everything", () => process.exit(1));
{CATCH_ALL}""",
    ),
    "BA004": (
        "src/auth/auth.config.ts",
        "advanced: {",
        """advanced: {
    defaultCookieAttributes: JSON.parse('{"sameSite":"none"}') as object,""",
    ),
    "BA006": (
        "src/mail/mail.ts",
        "export function sendLater(mail: Mail): void {",
        "export function sendLater(mail: Mail): void {\n  if (mail.url) return;",
    ),
    "BA009": (
        "src/config/env.ts",
        "BETTER_AUTH_SECRET: z.string().min(32)",
        "BETTER_AUTH_SECRET: z.string().min(32).transform((value) => `${value}!`)",
    ),
}


def rows(url: str) -> int:
    """Count what is in the tables that a sign-in writes to."""
    names = ("user", "session", "account", "verification", "rate_limit")
    return sum(len(execute(url, f"table auth_{name}").splitlines()) for name in names)


def test_the_started_server_is_asked(migrated: Path, database_url: str) -> None:
    """It shows what files do not; it leaves no row, and calls nothing else."""
    server = migrated / "auth-server"
    for path, before, after in HIDDEN.values():
        text = (server / path).read_text()
        assert before in text, path
        (server / path).write_text(text.replace(before, after))
    app = server / "src/app.ts"
    with socket.create_server(("127.0.0.1", 0)) as outside:
        url = f"http://127.0.0.1:{outside.getsockname()[1]}/"
        calls = f'void fetch("{url}").catch(() => undefined);'
        app.write_text(f"{app.read_text()}\n{calls}\n")
        assert [r for r in results(migrated) if r.status is not Status.PASS] == []
        found = probed(migrated)
        outside.settimeout(0)
        with pytest.raises(BlockingIOError):
            outside.accept()
    failed = {code for code, (status, _, _) in found.items() if status is Status.FAIL}
    assert failed == set(HIDDEN), found
    assert "DELETE /api/auth/everything" in found["BA002"][1]
    assert "SameSite=None" in found["BA004"][1]
    assert "sign-up brought no mail" in found["BA006"][1]
    assert "fingerprints" in found["BA009"][1]
    assert rows(database_url) == 0


def test_every_secret_of_a_list_is_compared(migrated: Path) -> None:
    """The started server names each; one that it reads otherwise is found."""
    server = migrated / "auth-server"
    listed = ",".join(
        f"{n}:{c * 8}-Zk3v9Qx7Lp2Rm8Tn4Wb6Yc1Hd5" for n, c in ("2b", "1a")
    )
    set_env(server, BETTER_AUTH_SECRETS=listed)
    assert probed(migrated)["BA009"][0] is Status.PASS
    env = server / "src/config/env.ts"
    read = "value: z.string().min(32)"
    text = env.read_text()
    assert read in text
    otherwise = f"{read}.transform((given) => given.replace(/^a/, 'c'))"
    env.write_text(text.replace(read, otherwise))
    status, message, _ = probed(migrated)["BA009"]
    assert status is Status.FAIL
    assert "fingerprints" in message


def test_a_route_that_is_asked_for_does_nothing(
    migrated: Path, database_url: str
) -> None:
    """The project's own are found in their place, and none of their code runs."""
    app = migrated / "auth-server/src/app.ts"
    marker = migrated / "ran"
    beside = f"""app.post("/api/auth/purge/:id", () => writeFileSync("{marker}", ""));
app.use("/api/auth/teams", () => writeFileSync("{marker}", ""));
{CATCH_ALL}"""
    text = app.read_text().replace(CATCH_ALL, beside)
    app.write_text(f'import {{ writeFileSync }} from "node:fs";\n{text}')
    assert probed(migrated)["BA002"][0] is Status.PASS
    assert not marker.exists()
    assert rows(database_url) == 0


def test_a_database_elsewhere_is_only_read(
    migrated: Path, tmp_path: Path, database_url: str
) -> None:
    """Whatever its URL says: where the connection leads decides."""
    parts = urlsplit(database_url)
    assert parts.port is not None
    with forwarded(tmp_path / ".s.PGSQL.5432", parts.port):
        query = urlencode({"host": str(tmp_path), "port": "5432"})
        url = f"postgresql://{parts.username}@localhost{parts.path}?{query}"
        set_env(migrated / "auth-server", DATABASE_URL=url)
        config = migrated / "auth-server/src/server.ts"
        config.write_text(
            config.read_text()
            + 'void pool.query("create table theirs ()").catch((error: Error) => '
            "console.log(error.message));\n"
        )
        found = probed(migrated)
    assert found["BA003"][0] is Status.PASS
    assert found["BA002"][0] is Status.PASS, found["BA002"]
    for code in ("BA004", "BA006"):
        status, message, _ = found[code]
        assert status is Status.SKIP
        assert "not on this machine" in message
    assert rows(database_url) == 0
    assert execute(database_url, "select to_regclass('theirs')") == ""


@contextlib.contextmanager
def forwarded(path: Path, port: int) -> Iterator[None]:
    """Pass a local socket's connections on to a port, as a tunnel to elsewhere does."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, ours), pump(theirs, writer))

    async def serve() -> None:
        async with await asyncio.start_unix_server(connected, path):
            ready.set()
            await asyncio.to_thread(done.wait)

    ready, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join(10)


def test_time_is_kept(migrated: Path) -> None:
    """What does not answer in time is left, and is no finding."""
    config = migrated / "auth-server/src/config/env.ts"
    config.write_text("await new Promise(() => setInterval(() => 0, 99));\n")
    integration = load_integration(migrated, ANSWERS_FILE)
    started = time.monotonic()
    found = list(run_checks(integration, only="BA003", probe=True, patience=1))
    assert time.monotonic() - started < 10
    assert [r.status for r in found] == [Status.SKIP]


# Repaired all at once, each by its own diagnostic.
TOGETHER = {
    "BA001": {"an import without its ending", 'no "type": "module"'},
    "BA002": {
        "its own route after the catch-all",
        "its own router, with its routes, after the catch-all",
        "a nameless wildcard for everything else",
        "Express 4's optional parameter",
    },
    "BA004": {"SameSite=Strict, which drops the cookie after a link"},
    "BA006": {"the sender under emailAndPassword, where it is never called"},
    "BA009": {"a URL written into the configuration"},
    "BA010": {"cookies are not let through", "its own list of trusted origins"},
    "BA013": {"a field without its column's name"},
}


def test_a_server_with_many_faults_is_repaired_and_runs(
    migrated: Path, tmp_path: Path
) -> None:
    """One plan for all of them; it compiles, starts, and answers its own routes."""
    for check in CHECKS:
        for bug in check.broken:
            if bug.title in TOGETHER.get(check.code, ()):
                seed(migrated, bug)
    broken = contents(migrated)
    found = {r.code: r.status for r in repair(migrated)}
    assert {code for code, s in found.items() if s is Status.FIXED} == set(TOGETHER)
    server = migrated / "auth-server"
    compiled = subprocess.run(
        [*TSC, "--noEmit"],
        cwd=server,
        capture_output=True,
        text=True,
        check=False,
    )
    assert compiled.returncode == 0, compiled.stdout
    port, log = free_port(), tmp_path / "server.log"
    url = f"http://localhost:{port}"
    set_env(server, PORT=str(port), BETTER_AUTH_URL=url)
    with running([*TSX, "src/server.ts"], cwd=server, log=log) as process:
        wait_for(f"{url}/readyz", process, log)
        for path in ("ok", "invites", "teams"):
            assert httpx.get(f"{url}/api/auth/{path}").status_code == 200, path
    set_env(server, PORT="3001", BETTER_AUTH_URL="http://localhost:3001")
    undo(migrated)
    assert contents(migrated) == broken


def test_what_cannot_run_is_skipped_with_its_reason(
    copies: Copies, tmp_path: Path
) -> None:
    """No packages, then no database; what the files show still counts."""
    copies.into(tmp_path)
    commit_all(tmp_path)
    status, message, remedy = probed(tmp_path)["BA013"]
    assert status is Status.SKIP
    assert "the packages of auth-server are not installed" in message
    assert remedy == "(cd auth-server && npm ci)"
    install_node_packages(tmp_path / "auth-server")
    status, message, remedy = probed(tmp_path)["BA013"]
    assert status is Status.SKIP
    assert "the database does not answer" in message
    assert remedy == "(cd auth-server && npm run dev:all)"
    reasons = [r.detail for r in results(tmp_path, probe=True) if r.detail]
    assert len(reasons) >= 7
    assert len(set(reasons)) == 1
    schema = tmp_path / "auth-server/src/auth/schema.ts"
    schema.write_text(schema.read_text().replace('"is_', '"').replace("ip_addr", "ip"))
    assert probed(tmp_path)["BA013"][0] is Status.FAIL
