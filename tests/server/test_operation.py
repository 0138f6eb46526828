"""In operation: several instances, releases, outages, big bodies and the log."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from copier_better_auth.answers import Answers
from copier_better_auth.migrations.change import needed
from copier_better_auth.migrations.sql import statements
from support.auth_server import (
    ORIGIN,
    environment,
    migrate,
    run_script,
    running_server,
)
from support.last_words import LastWords
from support.postgres import execute, free_port, frozen, running_postgres
from support.postgres import new_database as create_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.auth_server import AuthServer

PASSWORD = "correct horse battery"  # noqa: S105 - of people made up here


def sign_up(browser: httpx.Client, email: str) -> None:
    """Register where no address needs to be confirmed."""
    new = {"email": email, "password": PASSWORD, "name": "Ada"}
    answer = browser.post("/api/auth/sign-up/email", json=new)
    assert answer.status_code == 200, answer.text


def test_two_instances_are_one(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Behind a round-robin a session counts on both, and a limit counts once."""
    folder, url = ready(auth_email_verification=False)
    public = f"http://localhost:{free_port()}"
    with (
        running_server(folder, url, BETTER_AUTH_URL=public) as one,
        running_server(folder, url, BETTER_AUTH_URL=public) as two,
    ):
        browser = one.client(address="192.0.2.1")
        sign_up(browser, "ada@example.com")
        other = two.client(address="192.0.2.1")
        other.cookies = browser.cookies
        session = other.get("/api/auth/get-session").json()
        assert session["user"]["email"] == "ada@example.com"
        assert other.post("/api/auth/sign-out", json={}).status_code == 200
        browser.cookies.set("better-auth.session_token", _session_cookie(browser))
        assert browser.get("/api/auth/get-session").json() is None

        wrong = {"email": "ada@example.com", "password": "wrong"}
        clients = [s.client(address="192.0.2.2") for s in (one, two) for _ in range(6)]
        with ThreadPoolExecutor(12) as at_once:
            answers = at_once.map(
                lambda client: client.post("/api/auth/sign-in/email", json=wrong),
                clients,
            )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [401] * 3 + [429] * 9
        # Another user is not stopped by it, nor do health checks and keys count.
        elsewhere = two.client(address="192.0.2.3")
        assert elsewhere.post("/api/auth/sign-in/email", json=wrong).status_code == 401
        often = clients[0]
        for path in ("/healthz", "/readyz", "/api/auth/ok", "/api/auth/get-session"):
            assert {often.get(path).status_code for _ in range(101)} == {200}


def _session_cookie(browser: httpx.Client) -> str:
    return str(browser.cookies.get("better-auth.session_token") or "none")


def test_a_client_cannot_choose_its_address(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Only the proxy's word counts, which stands last."""
    folder, url = ready(auth_email_verification=False)
    with running_server(folder, url) as server:
        wrong = {"email": "ada@example.com", "password": "wrong"}
        statuses = [
            server.client(address=f"10.0.0.{n}, 192.0.2.9")
            .post("/api/auth/sign-in/email", json=wrong)
            .status_code
            for n in range(5)
        ]
    assert statuses == [401, 401, 401, 429, 429]


def test_a_release_cuts_nobody_off(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """SIGTERM: what is under way is answered, the next is refused, and it ends soon."""
    folder, url = ready(auth_email_verification=False)
    with running_server(folder, url) as server:
        browser = server.client()
        sign_up(browser, "ada@example.com")
        # The table is locked, so that the sign-in below waits in the database.
        with _locked(url, "auth_user"):
            asked = {"email": "ada@example.com", "password": PASSWORD}
            with ThreadPoolExecutor(1) as beside:
                client = server.client(address="192.0.2.4")
                answer = beside.submit(
                    client.post, "/api/auth/sign-in/email", json=asked
                )
                time.sleep(0.5)
                server.process.send_signal(signal.SIGTERM)
                time.sleep(0.5)
                assert server.process.poll() is None
                assert _refused(server)
                execute(f"{url}", _END_LOCK)
                assert answer.result(timeout=10).status_code == 200
        started = time.monotonic()
        assert server.process.wait(timeout=10) == 0, server.logged()
        assert time.monotonic() - started < 3


_END_LOCK = (
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where application_name = 'lock'"
)


class _locked:  # noqa: N801 - reads as a sentence
    """Hold a table's lock in its own process until its backend is ended."""

    def __init__(self, url: str, table: str) -> None:
        self._url, self._table = url, table

    def __enter__(self) -> None:
        self._held = threading.Thread(target=self._hold)
        self._held.start()
        deadline = time.monotonic() + 10
        asked = "select count(*) from pg_stat_activity where query like '%pg_sleep(30)'"
        while execute(self._url, f"{asked} and application_name = 'lock'") != "1":
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        execute(self._url, _END_LOCK)
        self._held.join()

    def _hold(self) -> None:
        statement = f"begin; lock table {self._table}; select pg_sleep(30)"
        with contextlib.suppress(subprocess.CalledProcessError):  # it is ended
            execute(f"{self._url}?application_name=lock", statement)


def _refused(server: AuthServer) -> bool:
    try:
        httpx.get(f"{server.url}/healthz", timeout=2)
    except httpx.ConnectError:
        return True
    return False


def test_an_outage_of_the_database(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Lost connections end nothing: unready meanwhile, in order again afterwards."""
    folder, url = ready(auth_email_verification=False)
    server_url, _, name = url.rpartition("/")
    with running_server(folder, url) as server:
        browser = server.client()
        sign_up(browser, "ada@example.com")
        assert browser.get("/readyz").status_code == 200
        execute(f"{server_url}/postgres", f"alter database {name} allow_connections 0")
        ended = (
            f"pg_terminate_backend(pid) from pg_stat_activity where datname='{name}'"
        )
        execute(f"{server_url}/postgres", f"select {ended}")
        assert "connection was lost" in server.logged(until="connection was lost")
        ready = browser.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["reason"] == "database unreachable"
        assert browser.get("/healthz").status_code == 200
        for path in (
            "get-session",
            "sign-out",
            "update-user",
            "request-password-reset",
        ):
            method = "GET" if path == "get-session" else "POST"
            body = {"email": "ada@example.com", "name": "Ida", "redirectTo": "/"}
            answer = browser.request(method, f"/api/auth/{path}", json=body)
            assert_unavailable(answer)
        execute(f"{server_url}/postgres", f"alter database {name} allow_connections 1")
        assert browser.get("/readyz").status_code == 200
        assert browser.get("/api/auth/get-session").json() is not None


def assert_unavailable(answer: httpx.Response) -> None:
    """Say when to try again, as better-auth's own errors look; take nothing away."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    expected = {"message": "Service Unavailable", "code": "SERVICE_UNAVAILABLE"}
    assert answer.json() == expected
    assert "set-cookie" not in answer.headers
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_a_database_that_hangs(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Each request is given up within seconds, and the connections with it."""
    folder, _ = ready(auth_email_verification=False)
    with running_postgres() as cluster:
        url = create_database(cluster)
        migrate(folder, url)
        with running_server(folder, url) as server:
            browsers = [server.client(address=f"192.0.2.{n}") for n in range(1, 17)]
            sign_up(browsers[0], "ada@example.com")
            for browser in browsers:
                browser.cookies = browsers[0].cookies
            known = {"email": "ada@example.com", "password": PASSWORD, "name": "A"}
            asked = itertools.cycle(
                [
                    ("GET", "get-session"),
                    ("POST", "sign-out"),
                    ("POST", "sign-in/email"),
                    ("POST", "sign-up/email"),
                ]
            )
            with frozen(cluster), ThreadPoolExecutor(len(browsers)) as together:
                started = time.monotonic()
                answers = together.map(
                    lambda browser, it: browser.request(
                        it[0], f"/api/auth/{it[1]}", json=known
                    ),
                    *(browsers, asked),
                )
                for answer in answers:
                    assert_unavailable(answer)
                assert time.monotonic() - started < 12
                assert browsers[0].get("/healthz").status_code == 200
            # Nothing that was asked meanwhile is done later, and no one is signed out.
            session = browsers[1].get("/api/auth/get-session").json()
            assert session["user"]["email"] == "ada@example.com"
            assert browsers[0].post("/api/auth/sign-out").status_code == 200


@pytest.mark.parametrize("is_new", [False, True], ids=["in use", "just made"])
def test_a_connection_that_ends_between_two_queries(
    ready: Callable[..., tuple[Path, str]],
    is_new: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """An end that comes with the last answer ends one connection, not the server."""
    folder, url = ready(auth_email_verification=False)

    def ask(proxy: LastWords) -> None:
        with running_server(folder, proxy.url) as server:
            browser = server.client()
            if not is_new:
                sign_up(browser, "ada@example.com")
            proxy.ends = 3
            while proxy.ends:
                for path in ("/readyz", "/api/auth/get-session"):
                    answer = browser.get(path)
                    assert answer.status_code in {200, 503}, answer.text
            sign_up(browser, "ida@example.com")
            assert browser.get("/api/auth/get-session").json() is not None

    async def behind_a_proxy() -> None:
        async with LastWords(url).running() as proxy:
            assert isinstance(proxy, LastWords)
            await asyncio.to_thread(ask, proxy)

    asyncio.run(behind_a_proxy())


def test_a_database_that_comes_after_the_server(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """It is asked again with each request; nothing has to be started anew."""
    folder, url = ready(auth_email_verification=False)
    server_url, _, name = url.rpartition("/")
    allow = f"alter database {name} allow_connections"
    execute(f"{server_url}/postgres", f"{allow} 0")
    with running_server(folder, url) as server:
        browser = server.client()
        for path in ("ok", "get-session"):
            assert_unavailable(browser.get(f"/api/auth/{path}"))
        execute(f"{server_url}/postgres", f"{allow} 1")
        sign_up(browser, "ada@example.com")
        assert browser.get("/api/auth/get-session").json() is not None


@pytest.mark.parametrize("days", [1, 7])
def test_a_session_lasts_longer_for_whoever_comes(
    ready: Callable[..., tuple[Path, str]], days: int
) -> None:
    """It begins anew once a part of its time is over, the shortest one too."""
    folder, url = ready(auth_email_verification=False, auth_session_days=days)
    with running_server(folder, url) as server:
        browser = server.client()
        sign_up(browser, "ada@example.com")
        left = "select expires_at - now() > interval '{} d 23 h' from auth_session"
        assert execute(url, left.format(days - 1)) == "t"
        execute(url, "update auth_session set expires_at = now() + interval '1 h'")
        assert browser.get("/api/auth/get-session").json() is not None
        assert execute(url, left.format(days - 1)) == "t"


def test_an_unmigrated_database_is_said_by_readyz(
    rendered: Callable[..., Path], new_database: Callable[[], str]
) -> None:
    """The process is up, and unready for a reason."""
    folder, url = rendered(), new_database()
    with running_server(folder, url) as server:
        answer = server.client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reason"] == "schema not migrated"
        migrate(folder, url)
        assert server.client().get("/readyz").status_code == 200


def test_every_answer_is_limited_protected_and_logged(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Bodies, headers, request ids, and a log that is JSON to the last line."""
    folder, url = ready(auth_email_verification=False)
    with running_server(folder, url) as server:
        browser = server.client()
        path = "/api/auth/sign-in/email"
        big = {"email": "a@example.com", "password": "x" * 70_000}
        assert browser.post(path, json=big).status_code == 413
        broken = browser.post(
            path, content="{", headers={"Content-Type": "application/json"}
        )
        assert broken.status_code == 400
        evil = {"Origin": "https://evil.example", "Cookie": "a=b"}
        assert browser.post(path, json={}, headers=evil).status_code == 403
        answer = browser.get("/api/auth/get-session?secret=hush")
        identity = answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "x-powered-by" not in answer.headers
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
        log = server.logged(until=identity)
    lines = [json.loads(line) for line in log.splitlines()]
    mine = [line for line in lines if line.get("req", {}).get("id") == identity]
    assert [line["req"]["path"] for line in mine] == ["/api/auth/get-session"]
    assert "hush" not in log


def test_many_migrations_at_once(
    rendered: Callable[..., Path], new_database: Callable[[], str]
) -> None:
    """Instances that all migrate at their start: one does, the others wait."""
    folder, url = rendered(), new_database()
    env = environment(url, 0)
    jobs = [
        subprocess.Popen(
            ["node", "dist/migrate.js"],  # noqa: S607 - node from PATH
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    said = [job.communicate(timeout=60)[0].decode() for job in jobs]
    assert [job.returncode for job in jobs] == [0] * 4
    assert sum("are migrated" in text for text in said) == 1
    assert sum("up to date" in text for text in said) == 3


def test_supabase_serves_the_tables_to_nobody(
    ready: Callable[..., tuple[Path, str]],
) -> None:
    """Its data API shows public tables without row level security to everybody."""
    _, url = ready(auth_database_provider="supabase")
    tables = (
        "select count(*), count(*) filter (where relrowsecurity) from pg_class "
        "where relkind = 'r' and relname like 'auth\\_%'"
    )
    assert execute(url, tables) == "5|5"
    execute(url, "drop role if exists anon; create role anon")
    execute(url, "grant select on all tables in schema public to anon")
    execute(
        url,
        "insert into auth_user (name, email, email_verified) values ('A', 'a', true)",
    )
    seen = "set role anon; select count(*) from auth_user"
    assert execute(url, seen) == "0"
    assert execute(url, "select count(*) from auth_user") == "1"


def test_a_database_that_the_backend_does_not_use(
    rendered: Callable[..., Path], new_database: Callable[[], str]
) -> None:
    """Its tables are the auth server's to make, whatever migrates the backend's own."""
    layer = {"auth_database_layer": "none", "auth_migration_system": "alembic"}
    folder, url = rendered(**layer), new_database()
    done = run_script(folder, "migrate", env=environment(url, 0))
    assert done.returncode == 0, done.stderr
    twice = (
        "insert into auth_user (name, email) values ('A', 'a'); insert into "
        "auth_account (account_id, provider_id, user_id) "
        "select 1, 'github', id from auth_user, generate_series(1, 2)"
    )
    with pytest.raises(subprocess.CalledProcessError):
        execute(url, twice)
    assert execute(url, "select count(*) from auth_account") == "0"


def test_where_alembic_migrates_the_release_only_checks(
    rendered: Callable[..., Path], new_database: Callable[[], str]
) -> None:
    """Behind: refused, with what to run, and nothing made. Up to date: it goes on."""
    folder, url = rendered(auth_migration_system="alembic"), new_database()
    env = environment(url, 0)
    behind = run_script(folder, "migrate", env=env)
    assert behind.returncode == 1
    assert "run `alembic upgrade head` in the backend first" in behind.stderr
    assert execute(url, "select count(*) from pg_class where relname ~ '^auth_'") == "0"
    execute(url, statements(needed(Answers(), ())))
    assert run_script(folder, "migrate", env=env).returncode == 0
