"""What looks sessions up: who is let in, and how everybody else is refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.postgres import execute, free_port
from support.proxy import Proxy
from support.sessions import (
    COOKIE,
    SECRET,
    sign_in,
    signed,
    until,
)

if TYPE_CHECKING:
    import httpx
    from support.sessions import Database, Serve, Server, SignedIn

pytestmark = pytest.mark.anyio

TOKEN = "t" * 32
CACHE = base64.urlsafe_b64encode(
    json.dumps({"session": {"session": {"token": TOKEN}}}).encode()
).decode()


def assert_unauthenticated(response: httpx.Response) -> None:
    """Refused without a hint at what was wrong, and not as a failure of ours."""
    assert response.status_code == 401, response.text
    assert response.headers["www-authenticate"] == f'Cookie cookie-name="{COOKIE}"'
    assert response.json() == {"detail": "Not authenticated"}


async def test_a_session_is_recognised(server: Server, database: Database) -> None:
    """Under both names, encoded or not, at the first request and from then on."""
    person = await sign_in(database)
    for _ in range(2):
        answer = await server.get(person.cookie)
        assert answer.status_code == 200, answer.text
        assert answer.json()["id"] == person.user_id
        assert answer.json()["email"] == person.email
        assert answer.headers["cache-control"] == "no-store"
    secure = {"cookie": f"{COOKIE}=stale; __Secure-{COOKIE}={person.cookie}"}
    assert (await server.client.get("/auth/me", headers=secure)).status_code == 200
    plain = person.cookie.replace("%3D", "=").replace("%2B", "+").replace("%2F", "/")
    assert (await server.get(plain)).status_code == 200
    optional = await server.get(person.cookie, "/optional")
    assert optional.json() == {"email": person.email}
    assert (await server.get(person.cookie, "/verified")).status_code == 403
    confirm = "UPDATE auth_user SET email_verified = true WHERE email = $1"
    await database.execute(confirm, person.email)

    async def is_verified() -> bool:
        return (await server.get(person.cookie, "/verified")).status_code == 200

    await until(is_verified, 1)
    both = await server.send("POST", "/orders", person.cookie)
    assert both.json() == {"same": True}


async def test_nobody(server: Server) -> None:
    """Without a credential a route is refused, unless it welcomes everyone."""
    assert_unauthenticated(await server.get())
    assert (await server.get(path="/optional")).json() == {"email": None}
    assert (await server.get(path="/open")).status_code == 200


@pytest.mark.parametrize(
    "cookie",
    [
        pytest.param(TOKEN, id="unsigned"),
        pytest.param(f"{TOKEN}.", id="empty signature"),
        pytest.param(signed(TOKEN, "another-" + "s" * 32), id="another secret"),
        pytest.param("x" + signed(TOKEN)[1:], id="another token"),
        pytest.param(signed(TOKEN).replace("%3D", ""), id="padding cut off"),
        pytest.param(f"{TOKEN}.%F0%9F%98%80", id="signature beyond ASCII"),
        pytest.param(f"{TOKEN}.\xff\xfe", id="bytes that are no text"),
        pytest.param(signed(f"{TOKEN}\0"), id="NUL in the token"),
        pytest.param(f"%00{signed(TOKEN)}", id="NUL before the token"),
        pytest.param(f"{signed(TOKEN)}%00", id="NUL after the signature"),
        pytest.param(signed("a' OR 1=1 --" + TOKEN), id="SQL"),
        pytest.param(signed("t" * 10_000), id="oversized"),
        pytest.param(signed(TOKEN), id="signed, of no session"),
        pytest.param(CACHE, id="the session cache's cookie"),
    ],
)
async def test_a_bad_cookie_is_refused(server: Server, cookie: str) -> None:
    """A forged credential is no one's, and never taken for no credential."""
    raw = {"cookie": f"{COOKIE}={cookie}".encode("latin-1")}
    for path in ("/auth/me", "/optional"):
        assert_unauthenticated(await server.client.get(path, headers=raw))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM auth_session WHERE token = $2 OR user_id::text = $1",
        "DELETE FROM auth_user WHERE id::text = $1 OR email = $2",
        "UPDATE auth_session SET expires_at = now() WHERE token = $2 OR id::text = $1",
        "UPDATE auth_session SET token = token || $1 WHERE token = $2",
    ],
)
async def test_revocation_counts(
    server: Server, database: Database, statement: str
) -> None:
    """A session that was just recognised is refused once it has ended."""
    person, other = await sign_in(database), await sign_in(database)
    for cookie in (person.cookie, other.cookie):
        assert (await server.get(cookie)).status_code == 200
    await database.execute(statement, person.user_id, person.token)
    await assert_refused_soon(server, person.cookie)
    assert (await server.get(other.cookie)).status_code == 200


@pytest.mark.parametrize("table", ["auth_session", "auth_user CASCADE"])
async def test_an_emptied_table_counts(
    server: Server,
    database: Database,
    table: str,
) -> None:
    """TRUNCATE fires no trigger of a row."""
    person = await sign_in(database)
    assert (await server.get(person.cookie)).status_code == 200
    await database.execute("TRUNCATE " + table)
    await assert_refused_soon(server, person.cookie)


async def test_time_ends_a_session(server: Server, database: Database) -> None:
    """Nothing is written when a session expires."""
    person = await sign_in(database, seconds=0.7)
    assert (await server.get(person.cookie)).status_code == 200
    await asyncio.sleep(0.8)
    assert_unauthenticated(await server.get(person.cookie))
    expired = await sign_in(database, seconds=-1)
    assert_unauthenticated(await server.get(expired.cookie))


@pytest.mark.parametrize(
    "header",
    [
        "Basic c3RhZ2luZzpzdGFnaW5n",
        "Bearer eyJhbGciOiJSUzI1NiJ9.e30.a-proxy-s",
        "Bearer of-an-old-login",
        "Negotiate YII=",
        "",
    ],
)
async def test_the_cookie_alone_decides(
    server: Server, database: Database, header: str
) -> None:
    """What a staging site, a proxy or an old tab put into the header says nothing."""
    person = await sign_in(database)
    for _ in range(2):
        answer = await server.get(person.cookie, authorization=header)
        assert answer.json()["email"] == person.email
    posted = await server.send("POST", "/orders", person.cookie, authorization=header)
    assert posted.json() == {"same": True}
    nobody = await server.get(path="/optional", authorization=header)
    assert nobody.json() == {"email": None}
    assert_unauthenticated(await server.get(authorization=header))
    for path in ("/auth/me", "/optional"):
        forged = await server.get(person.token, path, authorization=header)
        assert_unauthenticated(forged)


async def test_a_session_s_token_is_no_credential_in_a_header(
    server: Server, database: Database
) -> None:
    """It stands unsigned in the database, where others may read it."""
    person = await sign_in(database)
    for value in (person.token, person.cookie):
        sent = await server.get(authorization=f"Bearer {value}")
        assert_unauthenticated(sent)


async def test_two_session_cookies_are_one_too_many(
    server: Server, database: Database
) -> None:
    """A sibling host can set a second one: of two, better-auth reads the first.

    Its owner would see their own account there, and write into the sibling's here.
    """
    person, other = await sign_in(database), await sign_in(database)
    mine, theirs = (f"{COOKIE}={p.cookie}" for p in (person, other))
    for both in (f"{mine}; {theirs}", f"{theirs};a=b;{mine}", f'{mine}; {COOKIE}="x"'):
        for path in ("/auth/me", "/optional"):
            sent = await server.client.get(path, headers={"cookie": both})
            assert sent.status_code == 400, (both, sent.text)
    headers = [("cookie", mine), ("cookie", theirs)]
    assert (await server.client.get("/auth/me", headers=headers)).status_code == 400
    for same in (
        f"{mine}; {mine}",
        f'{COOKIE}=; {mine}; x{theirs}; {COOKIE}="{person.cookie}"',
    ):
        sent = await server.client.get("/auth/me", headers={"cookie": same})
        assert sent.json()["email"] == person.email


@pytest.mark.parametrize("strategy", ["database", "cached"])
async def test_under_https_only_the_protected_name_counts(
    serve: Serve, strategy: str, auth_database: str, database: Database
) -> None:
    """An attacker on the way can set the plain cookie, with a session of theirs."""
    url = "https://auth.test"
    async with serve(
        strategy, DATABASE_URL=auth_database, BETTER_AUTH_URL=url
    ) as server:
        person, thief = await sign_in(database), await sign_in(database)
        assert (await server.get(thief.cookie, "/optional")).json() == {"email": None}
        cookie = f"__Secure-{COOKIE}={person.cookie}; {COOKIE}={thief.cookie}"
        sent = await server.client.get("/auth/me", headers={"cookie": cookie})
        assert sent.json()["email"] == person.email


@pytest.mark.parametrize("strategy", ["database", "cached"])
async def test_the_application_may_call_another_database_by_that_name(
    serve: Serve, strategy: str, auth_database: str, database: Database
) -> None:
    """Its own DATABASE_URL is in the environment, where ``load_dotenv()`` puts it."""
    own = "mysql+aiomysql://app@127.0.0.1:3306/app"
    async with serve(
        strategy, DATABASE_URL=own, AUTH_DATABASE_URL=auth_database
    ) as server:
        person = await sign_in(database)
        sent = await server.get(person.cookie, "/auth/me")
        assert sent.json()["email"] == person.email


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {}),
        (200, {"origin": "https://app.test"}),
        (200, {"origin": "http://api.test"}),
        (200, {"origin": "https://api.test", "sec_fetch_site": "same-origin"}),
        (200, {"sec_fetch_site": "none"}),
        (403, {"origin": "https://evil.test"}),
        (403, {"origin": "https://app.test.evil.test"}),
        (403, {"origin": "null"}),
        # The application's own host, without TLS: anyone who is on the way can be that.
        (403, {"origin": "http://api.test", "sec_fetch_site": "cross-site"}),
        (403, {"origin": "http://api.test", "sec_fetch_site": "same-site"}),
        (403, {"origin": "https://evil.test", "sec_fetch_site": "cross-site"}),
        (403, {"sec_fetch_site": "cross-site"}),
        (403, {"sec_fetch_site": "same-site"}),
    ],
)
async def test_a_foreign_page_cannot_write(
    server: Server,
    database: Database,
    status: int,
    headers: dict[str, str],
) -> None:
    """Browsers send the cookie for other sites too; reading is left to CORS."""
    person = await sign_in(database)
    answer = await server.send("POST", "/orders", person.cookie, **headers)
    assert answer.status_code == status, answer.text
    assert (await server.get(person.cookie, **headers)).status_code == 200


@pytest.mark.parametrize(
    ("scheme", "origin", "site", "opens"),
    [
        ("wss", "https://app.test", "", True),
        ("wss", "https://evil.test", "", False),
        # The application's own page, in a browser that says nothing of sites.
        ("ws", "http://api.test", "", True),
        ("wss", "https://api.test", "", True),
        ("ws", "http://api.test:8000", "", False),
        ("ws", "http://api.test.evil.test", "", False),
        ("wss", "http://api.test", "", False),
        ("ws", "https://api.test", "", False),
        ("ws", "ws://api.test", "", False),
        ("ws", "null", "", False),
        ("ws", "http://api.test", "cross-site", False),
        ("wss", "https://api.test", "same-origin", True),
    ],
)
async def test_only_our_pages_open_a_websocket(  # noqa: PLR0913, PLR0917 - columns
    server: Server,
    database: Database,
    scheme: str,
    origin: str,
    site: str,
    opens: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """Browsers send the cookie with any page's WebSocket, and ask no one before."""
    person = await sign_in(database)

    async def first_message() -> dict[str, Any]:
        """Open one as the server that runs the application does."""
        headers = {
            "host": "api.test",
            "cookie": f"{COOKIE}={person.cookie}",
            "origin": origin,
            **({"sec-fetch-site": site} if site else {}),
        }
        scope = {
            "type": "websocket",
            "path": "/chat",
            "query_string": b"",
            "scheme": scheme,
            "subprotocols": [],
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            "extensions": {"websocket.http.response": {}},
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:  # noqa: ANN401 - any ASGI message
            sent.append(message)

        await server.app(scope, receive, send)
        return sent[0]

    first = await first_message()
    if opens:
        assert first["type"] == "websocket.accept"
    else:
        assert first["type"] == "websocket.http.response.start"
        assert first["status"] == 403


@pytest.mark.parametrize("strategy", ["database", "cached"])
async def test_an_outage_is_no_refusal(serve: Serve, strategy: str) -> None:
    """503 says nothing of the credential; what needs no look-up is decided as ever."""
    nowhere = f"postgresql://app@127.0.0.1:{free_port()}/app"
    async with serve(
        strategy,
        DATABASE_URL=nowhere,
    ) as server:
        for path in ("/auth/me", "/optional"):
            answer = await server.get(signed(TOKEN), path)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert_unauthenticated(await server.get(TOKEN, path))
        evil = {"origin": "https://evil.test"}
        refused = await server.send("POST", "/orders", signed(TOKEN), **evil)
        assert refused.status_code == 403
        assert (await server.get(path="/optional")).json() == {"email": None}


async def test_an_outage_that_begins_later(
    server: Server,
    database: Database,
    auth_database: str,
) -> None:
    """No one is let in from memory while nothing is heard; it ends by itself."""
    person = await sign_in(database)
    assert (await server.get(person.cookie)).status_code == 200
    base, _, name = auth_database.rpartition("/")
    execute(f"{base}/postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await database.execute(
        """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    )

    async def answers(status: int) -> bool:
        return (await server.get(person.cookie)).status_code == status

    await until(lambda: answers(503), 1)
    execute(f"{base}/postgres", f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await until(lambda: answers(200), 1)


async def test_requests_that_come_together(server: Server, database: Database) -> None:
    """Each gets its own answer, and one that gives up harms no other."""
    people = [await sign_in(database) for _ in range(40)]
    ended = people[::4]
    for person in ended:
        await database.execute(
            "DELETE FROM auth_session WHERE token = $1", person.token
        )
    requests = [asyncio.create_task(server.get(p.cookie)) for p in people * 2]
    await asyncio.sleep(0)
    requests[1].cancel()
    answers = await asyncio.gather(*requests, return_exceptions=True)
    for person, answer in list(zip(people * 2, answers, strict=True))[2:]:
        assert not isinstance(answer, BaseException)
        if person in ended:
            assert_unauthenticated(answer)
        else:
            assert answer.json()["email"] == person.email


@pytest.mark.parametrize("strategy", ["database", "cached"])
async def test_two_secrets_while_they_change(
    serve: Serve,
    strategy: str,
    auth_database: str,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Both count, a third does not; the log shows digests, of the current one first."""
    old, new = "old-" + "o" * 40, "new-" + "n" * 40
    with caplog.at_level(logging.INFO):
        async with serve(
            strategy,
            DATABASE_URL=auth_database,
            BETTER_AUTH_SECRETS=f"2:{new},1:{old}",
        ) as server:
            for secret, status in ((new, 200), (old, 200), (SECRET, 401)):
                person = await sign_in(database, secret=secret)
                assert (await server.get(person.cookie)).status_code == status
    digits = [hashlib.sha256(s.encode()).hexdigest()[:8] for s in (new, old)]
    assert f"secret {', '.join(digits)}" in caplog.text
    assert old not in caplog.text
    assert new not in caplog.text


async def test_a_bad_setting_is_named_and_not_shown(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """The application starts; who needs a session hears 503, the log the name."""
    url = "postgresql://app:hunter2@127.0.0.1/app"
    async with serve(
        "database",
        DATABASE_URL=url,
        BETTER_AUTH_SECRET="hunter3",  # noqa: S106 - too short for one
    ) as server:
        assert (await server.get(signed(TOKEN))).status_code == 503
        assert (await server.get(path="/open")).status_code == 200
    assert "better_auth_secret" in caplog.text
    assert "hunter" not in caplog.text


async def test_openapi_and_the_hosts_own_tests(server: Server) -> None:
    """The docs page offers to authorize; a test acts as a user without a cookie."""
    schema = server.app.openapi()
    cookie = {"type": "apiKey", "in": "cookie", "name": COOKIE}
    assert schema["components"]["securitySchemes"] == {"Session cookie": cookie}
    assert schema["paths"]["/auth/me"]["get"]["security"] == [{"Session cookie": []}]
    assert "security" not in schema["paths"]["/open"]["get"]
    acting_as = server.module("testing").acting_as
    with acting_as(server.app, "ada@example.com", email_verified=False) as user:
        assert (await server.get()).json()["id"] == str(user.id)
        assert (await server.get(path="/optional")).json() == {"email": user.email}
        assert (await server.get(path="/verified")).status_code == 403
        together = await server.send("POST", "/orders", None)
        assert together.json() == {"same": True}
    assert_unauthenticated(await server.get())


async def assert_refused_soon(server: Server, cookie: str) -> None:
    """Refused from the next request on, or with a cache within milliseconds."""
    looked_up = server.package.__name__ == "auth_database"

    async def refused() -> bool:
        return (await server.get(cookie)).status_code == 401

    assert not looked_up or await refused()
    await until(refused, 0.5)
    assert_unauthenticated(await server.get(cookie))


async def test_a_database_that_hangs(
    serve: Serve, auth_database: str, database: Database
) -> None:
    """Each request is given up after 5 seconds in all, those that wait in line too."""
    people = [await sign_in(database) for _ in range(12)]
    async with (
        Proxy(auth_database).running() as way,
        serve("database", DATABASE_URL=way.url) as server,
    ):
        asked = [server.get(person.cookie) for person in people[:4]]
        assert {a.status_code for a in await asyncio.gather(*asked)} == {200}
        way.fall_silent()

        async def ask(number: int, person: SignedIn) -> tuple[int, float]:
            await asyncio.sleep(number * 0.2)
            started = time.monotonic()
            answer = await server.get(person.cookie)
            return answer.status_code, time.monotonic() - started

        asked_again = [ask(number, person) for number, person in enumerate(people)]
        answers = await asyncio.gather(*asked_again)
        way.speak()
        assert {status for status, _ in answers} == {503}
        assert max(seconds for _, seconds in answers) < 6, answers
        assert (await server.get(people[0].cookie)).status_code == 200
