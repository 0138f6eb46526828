"""The cache while its connections die at random: nothing is believed too long.

For ten seconds, or for as many as FAULT_SECONDS says.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg
import pytest
from support.lossy import LossyProxy
from support.postgres import new_database, running_postgres
from support.sessions import connect, create_tables, sign_in, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.sessions import Serve, Server

pytestmark = pytest.mark.anyio

SECONDS = float(os.environ.get("FAULT_SECONDS", "10"))
LISTENERS = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE '%pg_trigger%'
                  AND pid <> pg_backend_pid()"""
KINDS = {"kill", "silence", "loss", "crash"}
OUTAGE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass
class Seen:
    """What became of the sessions that were revoked."""

    # How long after its commit each revocation was last not noticed.
    lags: list[float] = field(default_factory=list)
    # Accepted although the cache knew by then that it hears nothing.
    knowingly: int = 0
    harm: list[str] = field(default_factory=list)


@pytest.fixture
def own_database() -> Iterator[str]:
    """A database on its own server, which may be made to crash."""
    with running_postgres() as server:
        url = new_database(server)
        create_tables(url)
        yield url


async def test_no_revoked_session_outlives_the_bound(
    serve: Serve, own_database: str
) -> None:
    """Listeners are killed and cut off, packets lost, the database crashes."""
    seen = Seen()
    async with (
        LossyProxy(own_database).running() as changes,
        serve(
            "cached", DATABASE_URL=own_database, DIRECT_DATABASE_URL=changes.url
        ) as server,
    ):
        assert isinstance(changes, LossyProxy)
        await server.caches()
        bound = server.module("cache").BOUND_SECONDS
        end = time.monotonic() + SECONDS
        chaos = asyncio.create_task(_harm(own_database, changes, seen))
        await asyncio.gather(
            *(_revoke_and_ask(server, own_database, end, seen) for _ in range(4))
        )
        chaos.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await chaos
        changes.loss = 0.0
        changes.speak()
        await server.caches()
    harm = ", ".join(f"{seen.harm.count(kind)} x {kind}" for kind in sorted(KINDS))
    logging.getLogger(__name__).info(
        "%d revoked, the last noticed after %.2f s; %s",
        *(len(seen.lags), max(seen.lags), harm),
    )
    assert max(seen.lags) <= bound
    assert seen.knowingly == 0
    # Else the harm would have harmed nothing, or the cache cached nothing.
    assert changes.lost > 0
    assert len(seen.lags) > 20
    assert max(seen.lags) > 0.1
    assert sum(lag == 0 for lag in seen.lags) > 5


async def _harm(url: str, changes: LossyProxy, seen: Seen) -> None:
    """Do each kind of harm in turn, at random moments and for random times."""
    chance = random.Random(5)  # noqa: S311 - no secret
    random.seed(5)
    while True:
        kinds = sorted(KINDS)
        chance.shuffle(kinds)
        for kind in kinds:
            await asyncio.sleep(chance.uniform(0.2, 1.2))
            if kind == "silence":
                changes.fall_silent()
                await asyncio.sleep(chance.uniform(0.1, 2.5))
                changes.speak()
            elif kind == "loss":
                changes.loss = chance.uniform(0.2, 0.6)
                await asyncio.sleep(chance.uniform(0.5, 2.0))
                changes.loss = 0.0
            else:
                await _break(url, kind)
            seen.harm.append(kind)


async def _break(url: str, kind: str) -> None:
    """End the listener, or the database server with all its connections."""
    database = await connect(url)
    if kind == "kill":
        await database.fetchval(LISTENERS)
        await database.close()
        return
    # PostgreSQL starts anew when its own process is killed.
    os.kill(await database.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
    await until(lambda: _answers(url), 20)


async def _answers(url: str) -> bool:
    try:
        database = await connect(url)
        await database.close()
    except OUTAGE:
        return False
    return True


async def _revoke_and_ask(server: Server, url: str, end: float, seen: Seen) -> None:
    """Sign in, be remembered, revoke, and ask until that is noticed; and again."""
    while time.monotonic() < end or set(seen.harm) != KINDS:
        try:
            database = await connect(url)
            person = await sign_in(database)
            for _ in range(3):
                assert (await server.get(person.cookie)).status_code in {200, 503}
                await asyncio.sleep(0.01)
            await database.execute(
                "DELETE FROM auth_session WHERE token = $1", person.token
            )
        except OUTAGE:  # whether it was committed no one knows
            await asyncio.sleep(0.05)
            continue
        committed = time.monotonic()
        lag = 0.0
        while True:
            asked = time.monotonic()
            hears = server.strategy._is_trusted()  # noqa: SLF001
            status = (await server.get(person.cookie)).status_code
            if status == 401:
                break
            if status == 200:
                lag = asked - committed
                seen.knowingly += not hears
            await asyncio.sleep(0.005)
        seen.lags.append(lag)
        database.terminate()
