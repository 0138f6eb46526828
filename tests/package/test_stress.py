"""The cache while its connections die at random: nothing is believed too long."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import TYPE_CHECKING

import pytest
from support.proxy import Proxy
from support.sessions import connect, sign_in

if TYPE_CHECKING:
    from support.sessions import Serve, Server

pytestmark = pytest.mark.anyio

SECONDS = 8.0
LISTENERS = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE '%pg_trigger%'
                  AND pid <> pg_backend_pid()"""


async def test_no_revoked_session_outlives_the_bound(
    serve: Serve, auth_database: str
) -> None:
    """Listeners are killed and cut off in silence while sessions are revoked."""
    async with (
        Proxy(auth_database).running() as changes,
        serve(
            "cached", DATABASE_URL=auth_database, DIRECT_DATABASE_URL=changes.url
        ) as server,
    ):
        await server.caches()
        bound = server.module("cache").BOUND_SECONDS
        end = time.monotonic() + SECONDS
        chaos = asyncio.create_task(_harm(auth_database, changes))
        lags = await asyncio.gather(
            *(_revoke_and_ask(server, auth_database, end) for _ in range(4))
        )
        chaos.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await chaos
        changes.speak()
    revoked = [lag for one in lags for lag in one]
    assert len(revoked) > 20
    assert max(revoked) <= bound
    # Else the harm would have harmed nothing, or the cache cached nothing.
    assert max(revoked) > 0.1
    assert sum(lag == 0 for lag in revoked) > 5


async def _harm(url: str, changes: Proxy) -> None:
    """Kill the listener or silence its network, at random moments."""
    random.seed(5)
    database = await connect(url)
    try:
        while True:
            await asyncio.sleep(random.uniform(0.2, 1.2))  # noqa: S311 - no secret
            if random.random() < 0.5:  # noqa: S311 - no secret
                await database.fetchval(LISTENERS)
            else:
                changes.fall_silent()
                await asyncio.sleep(random.uniform(0.1, 2.5))  # noqa: S311
                changes.speak()
    finally:
        await database.close()


async def _revoke_and_ask(server: Server, url: str, end: float) -> list[float]:
    """Return how long after its commit each revocation was last not noticed."""
    database = await connect(url)
    lags: list[float] = []
    while time.monotonic() < end:
        person = await sign_in(database)
        for _ in range(3):
            assert (await server.get(person.cookie)).status_code == 200
            await asyncio.sleep(0.01)
        await database.execute(
            "DELETE FROM auth_session WHERE token = $1", person.token
        )
        committed = time.monotonic()
        lag = 0.0
        while True:
            asked = time.monotonic()
            if (await server.get(person.cookie)).status_code == 401:
                break
            lag = asked - committed
            await asyncio.sleep(0.005)
        lags.append(lag)
    await database.close()
    return lags
