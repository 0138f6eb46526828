"""The cache: what it must not believe, and for how long it may be mistaken."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from support.postgres import execute
from support.proxy import Proxy
from support.sessions import SignedIn, connect, sign_in, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.sessions import Database, Serve, Server

pytestmark = pytest.mark.anyio


@pytest.fixture
async def look_ups(auth_database: str, anyio_backend: str) -> AsyncIterator[Proxy]:
    """The way that look-ups take to the database."""
    assert anyio_backend
    async with Proxy(auth_database).running() as proxy:
        yield proxy


@pytest.fixture
async def changes(auth_database: str, anyio_backend: str) -> AsyncIterator[Proxy]:
    """The way that notifications take from the database."""
    assert anyio_backend
    async with Proxy(auth_database).running() as proxy:
        yield proxy


@pytest.fixture
async def server(
    serve: Serve,
    look_ups: Proxy,
    changes: Proxy,
) -> AsyncIterator[Server]:
    """A server that caches."""
    async with serve(
        "cached",
        DATABASE_URL=look_ups.url,
        DIRECT_DATABASE_URL=changes.url,
    ) as running:
        await running.caches()
        yield running


async def status(server: Server, person: SignedIn) -> int:
    """Ask who is calling."""
    return (await server.get(person.cookie)).status_code


async def revoke(database: Database, person: SignedIn) -> None:
    """End a session as the auth server does."""
    await database.execute("DELETE FROM auth_session WHERE token = $1", person.token)


async def test_memory_answers(
    server: Server,
    look_ups: Proxy,
    database: Database,
) -> None:
    """What is known needs no look-up, even while none is answered."""
    person = await sign_in(database)
    assert await status(server, person) == 200
    look_ups.fall_silent()
    assert await status(server, person) == 200
    look_ups.speak()


async def test_an_answer_from_before_a_revocation_is_not_kept(
    server: Server,
    look_ups: Proxy,
    database: Database,
) -> None:
    """A look-up that was on its way when the notification came must not fill the cache.

    Its own request was answered as of when it was asked; the next one must be refused.
    """
    person, other = await sign_in(database), await sign_in(database)
    assert await status(server, other) == 200  # a connection is open
    look_ups.fall_silent()
    asking = asyncio.create_task(server.get(person.cookie))
    await asyncio.sleep(0.05)  # the question is held; let it through, not the answer
    look_ups.speak()
    look_ups.fall_silent()
    await until(lambda: look_ups.held > 100, 2)
    heard = server.strategy._generation  # noqa: SLF001
    await revoke(database, person)
    await until(lambda: server.strategy._generation > heard, 2)  # noqa: SLF001
    look_ups.speak()
    assert (await asking).status_code == 200
    assert await status(server, person) == 401


async def test_a_silent_partition_is_believed_no_longer_than_stated(
    server: Server,
    changes: Proxy,
    database: Database,
) -> None:
    """Nothing is closed and nothing arrives; the cache mends itself afterwards."""
    person, other = await sign_in(database), await sign_in(database)
    assert [await status(server, p) for p in (person, other)] == [200, 200]
    changes.fall_silent()
    await revoke(database, person)
    revoked = time.monotonic()
    assert await status(server, person) == 200  # else this test would show nothing
    while True:
        asked = time.monotonic()
        if await status(server, person) == 401:
            break
        assert asked - revoked <= server.module("cache").BOUND_SECONDS
        await asyncio.sleep(0.01)
    assert await status(server, other) == 200
    changes.speak()
    await server.caches()
    assert await status(server, person) == 401


async def test_a_lost_connection_is_noticed_at_once(
    server: Server,
    look_ups: Proxy,
    database: Database,
) -> None:
    """What was in memory is looked up again, and soon taken from memory again."""
    person = await sign_in(database)
    assert await status(server, person) == 200
    listening = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE '%pg_trigger%'
                      AND pid <> pg_backend_pid()"""
    assert await database.fetchval(listening) == 1
    await until(lambda: not server.strategy._is_trusted(), 0.5)  # noqa: SLF001
    await revoke(database, person)
    assert await status(server, person) == 401
    await server.caches()
    other = await sign_in(database)
    assert await status(server, other) == 200
    look_ups.fall_silent()
    assert await status(server, other) == 200
    look_ups.speak()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER auth_session_changed ON auth_session",
        "DROP TRIGGER auth_session_truncated ON auth_user",
        "ALTER TABLE auth_user DISABLE TRIGGER auth_session_changed",
        "DROP FUNCTION auth_session_changed() CASCADE",
    ],
)
async def test_without_triggers_everything_is_looked_up(
    server: Server,
    database: Database,
    statement: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing would tell of a change; the log says what to do."""
    person = await sign_in(database)
    assert await status(server, person) == 200
    await database.execute(statement)
    await until(lambda: not server.strategy._is_trusted(), 2)  # noqa: SLF001
    assert "the triggers are missing; migrate the database" in caplog.text
    await revoke(database, person)
    assert await status(server, person) == 401


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://app@ep-cool-pooler.eu-central-1.aws.neon.tech/app",
        "postgresql://app@aws-0-eu.pooler.supabase.com:6543/postgres",
    ],
)
async def test_behind_a_known_pooler_nothing_is_cached(
    serve: Serve,
    auth_database: str,
    address: str,
    caplog: pytest.LogCaptureFixture,
    database: Database,
) -> None:
    """It says so, names the way out, and looks up each time."""
    async with serve(
        "cached",
        DATABASE_URL=auth_database,
        DIRECT_DATABASE_URL=address,
    ) as server:
        person = await sign_in(database)
        assert await status(server, person) == 200
        await revoke(database, person)
        assert await status(server, person) == 401
    assert "transaction pooler" in caplog.text
    assert "DIRECT_DATABASE_URL" in caplog.text


async def test_what_hears_nothing_is_not_believed(
    serve: Serve,
    postgres: str,
    auth_database: str,
    caplog: pytest.LogCaptureFixture,
    database: Database,
) -> None:
    """A pooler with another name, or another database, accepts the LISTEN too."""
    async with serve(
        "cached",
        DATABASE_URL=auth_database,
        DIRECT_DATABASE_URL=f"{postgres}/postgres",
    ) as server:
        await until(lambda: "notifications do not arrive" in caplog.text, 10)
        person = await sign_in(database)
        assert await status(server, person) == 200
        await revoke(database, person)
        assert await status(server, person) == 401


async def test_what_others_notify_costs_nothing(
    server: Server,
    look_ups: Proxy,
    database: Database,
) -> None:
    """Any role may notify: neither that nor another user's change stops the cache."""
    person, other = await sign_in(database), await sign_in(database)
    assert await status(server, other) == 200  # a connection is open
    for payload in ("x", person.token, "0" * 32, other.user_id, "y" * 7_000):
        look_ups.fall_silent()
        asking = asyncio.create_task(server.get(person.cookie))
        await asyncio.sleep(0.05)
        await database.execute("SELECT pg_notify('auth_session_changes', $1)", payload)
        await asyncio.sleep(0.1)
        look_ups.speak()
        assert (await asking).status_code == 200
        assert person.cookie in server.strategy._sessions, payload  # noqa: SLF001
        server.strategy._forget(person.user_id)  # noqa: SLF001


@pytest.mark.parametrize(
    "payload", ["n::text", "gen_random_uuid()::text", "repeat(n::text, 500)"]
)
async def test_a_flood_ends_in_look_ups(
    server: Server,
    auth_database: str,
    database: Database,
    payload: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No one is let in from memory because of it, and it costs requests little."""
    person, other = await sign_in(database), await sign_in(database)
    assert [await status(server, p) for p in (person, other)] == [200, 200]

    async def cost(count: int = 150) -> float:
        """Return the seconds of processor that requests take of this process."""
        started = time.process_time()
        for _ in range(count):
            assert await status(server, other) == 200
        return time.process_time() - started

    usual = await cost()
    flood = (
        f"SELECT count(pg_notify('auth_session_changes', {payload}))"  # noqa: S608 - of the table above
        " FROM generate_series(1, 3000) n, auth_user"
    )
    over = asyncio.Event()

    async def send() -> None:
        visitor = await connect(auth_database)
        try:
            while not over.is_set():
                await visitor.execute(flood)
        finally:
            await visitor.close()

    flooding = asyncio.create_task(send())
    try:
        await until(lambda: not server.strategy._is_trusted(), 10)  # noqa: SLF001
        await revoke(database, person)
        assert await status(server, person) == 401
        # What comes from memory costs less than what is looked up, flood or not.
        assert await cost() < 5 * usual
        assert await status(server, person) == 401
    finally:
        over.set()
        await flooding
    assert "notifications came at once" in caplog.text
    assert "pooler" not in caplog.text
    await server.caches(within=15)


async def test_memory_is_bounded(
    server: Server,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The oldest go, in every index."""
    monkeypatch.setattr(server.module("cache"), "_MOST_SESSIONS", 5)
    people = [await sign_in(database) for _ in range(12)]
    for person in [*people, *people]:
        assert await status(server, person) == 200
    strategy = server.strategy
    assert len(strategy._sessions) == 5  # noqa: SLF001
    assert len(strategy._credentials_of) == 5  # noqa: SLF001


async def test_one_session_takes_one_place(server: Server, database: Database) -> None:
    """Its cookie can be spelled in any number of ways, to push everybody else out."""
    person = await sign_in(database)
    for n in range(len(person.token)):
        spelled = (
            f"{person.cookie[:n]}%{ord(person.cookie[n]):02X}{person.cookie[n + 1 :]}"
        )
        assert (await server.get(spelled)).status_code == 200
    assert await status(server, person) == 200
    assert len(server.strategy._sessions) == 1  # noqa: SLF001


async def test_every_worker_hears(
    server: Server,
    database: Database,
    auth_database: str,
) -> None:
    """Each has its own listener; ten thousand notifications at once reach both."""
    other = server.module("cache").CachedStrategy()
    try:
        await until(other._is_trusted, 5)  # noqa: SLF001
        person = await sign_in(database)
        for strategy in (server.strategy, other):
            assert await strategy.find(person.cookie)
        execute(
            auth_database,
            """INSERT INTO auth_user (name, email)
               SELECT 'Ada', generate_series(1, 10000);
               INSERT INTO auth_session (user_id, token, expires_at)
               SELECT id, gen_random_uuid(), now() FROM auth_user;
               DELETE FROM auth_session""",
        )

        async def both_refuse() -> bool:
            found = [await s.find(person.cookie) for s in (server.strategy, other)]
            return found == [None, None]

        await until(both_refuse, 1)
    finally:
        await other.close()
