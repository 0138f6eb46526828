"""A route that takes the auth server's session first, and else the old login."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.old_login import (
    DATABASES,
    OLD,
    TOKEN,
    Old,
    add_route,
    add_routes,
    by_query,
    get_current_user,
)
from support.sessions import COOKIE, sign_in, signed

if TYPE_CHECKING:
    from support.sessions import Database, Serve, Server

pytestmark = pytest.mark.anyio


@pytest.fixture
def both(server: Server) -> Server:
    """A server whose old routes are there twice: as they were, and moved."""
    add_routes(server.app, server.package)
    return server


@pytest.mark.parametrize("path", OLD)
async def test_the_session_decides_before_the_old_login(
    both: Server, database: Database, path: str
) -> None:
    """With a session nothing of the old login is needed, and nothing of it disturbs."""
    person = await sign_in(database)
    for header in ({}, OLD[path][1], {"authorization": "Basic c3RhZ2luZzpzdGFnaW5n"}):
        cookies = f"{COOKIE}={person.cookie}; {header.get('cookie', '')}"
        sent = {**header, "cookie": cookies}
        answer = await both.client.get(f"/moved{path}", headers=sent)
        assert answer.json()["name"] == "Ada", answer.text


async def test_a_parameter_without_a_marker_is_asked_for_by_the_old_login_alone(
    server: Server, database: Database
) -> None:
    """With a session it may be missing; without one FastAPI's own answer stays."""
    add_route(server.app, "/old/address", by_query)
    add_route(server.app, "/moved/address", server.package.current_user_or(by_query))
    person = await sign_in(database)
    cookie = {"cookie": f"{COOKIE}={person.cookie}"}
    moved = await server.client.get("/moved/address", headers=cookie)
    assert moved.json()["name"] == "Ada", moved.text
    for query, status in ((f"?token={TOKEN}", 200), ("?token=another", 401), ("", 422)):
        before = await server.client.get(f"/old/address{query}")
        after = await server.client.get(f"/moved/address{query}")
        assert before.status_code == after.status_code == status
        assert before.json() == after.json()


@pytest.mark.parametrize("path", OLD)
async def test_without_a_session_the_old_login_decides(both: Server, path: str) -> None:
    """It accepts, refuses and shares its database session as on a route of its own."""
    accepted = OLD[path][1]
    wrong = {name: value.replace("old", "new") for name, value in accepted.items()}
    stale = accepted.get("cookie", "") + f"; {COOKIE}={signed('t' * 32)}"
    for sent, status in (
        (accepted, 200),
        ({**accepted, "cookie": stale}, 200),
        (wrong, 422 if path == "/old/cookie" else 401),
        ({}, None),
    ):
        before = await both.client.get(path, headers=sent)
        moved = await both.client.get(f"/moved{path}", headers=sent)
        assert moved.status_code == before.status_code == (status or moved.status_code)
        assert moved.json() == before.json()
        for name in ("www-authenticate", "content-type"):
            assert moved.headers.get(name) == before.headers.get(name)
    assert moved.status_code in {401, 403, 422}
    assert set(DATABASES.opened) == set(DATABASES.closed)


async def test_what_is_refused_stays_refused(both: Server, database: Database) -> None:
    """Of two sessions none counts, and the old login is not asked instead."""
    mine, theirs = [await sign_in(database) for _ in range(2)]
    sent = {
        "cookie": f"{COOKIE}={mine.cookie}; {COOKIE}={theirs.cookie}",
        **OLD["/old/flow"][1],
    }
    answer = await both.client.get("/moved/old/flow", headers=sent)
    assert answer.status_code == 400


async def test_openapi_offers_both_credentials(both: Server) -> None:
    """Either of them, the session first; the old routes are described as before."""
    schema = both.app.openapi()
    for path, old in {
        "/old/flow": {"OAuth2PasswordBearer": []},
        "/old/active": {"OAuth2PasswordBearer": []},
        "/old/scope": {"HTTPBearer": ["orders"]},
    }.items():
        before = schema["paths"][path]["get"]
        moved = schema["paths"][f"/moved{path}"]["get"]
        assert moved["security"] == [{"Session cookie": []}, *before["security"]]
        assert set(before["security"][0]) == set(old)
        assert moved.get("parameters") == before.get("parameters")
    header = schema["paths"]["/moved/old/header"]["get"]["parameters"]
    assert [(p["name"], p["required"]) for p in header] == [("x-token", False)]
    schemes = schema["components"]["securitySchemes"]
    assert set(schemes) == {"Session cookie", "OAuth2PasswordBearer", "HTTPBearer"}


async def test_the_hosts_own_tests_go_on(both: Server) -> None:
    """An override of the old dependency counts on a moved route; so does acting_as."""
    overrides = both.app.dependency_overrides
    overrides[get_current_user] = lambda: Old("from a test")
    for path in ("/moved/old/flow", "/moved/old/active", "/old/active"):
        assert (await both.client.get(path)).json()["name"] == "from a test"
    overrides[get_current_user] = Old
    with pytest.raises(TypeError, match="acting_as"):
        await both.client.get("/moved/old/flow")
    overrides.clear()
    with both.module("testing").acting_as(both.app, name="Ada"):
        answer = await both.client.get("/moved/old/header")
    assert answer.json()["name"] == "Ada"


async def test_a_dependency_that_yields_is_refused_at_once(both: Server) -> None:
    """It could not be left out; the error says what to give instead."""

    async def get_session_user():  # type: ignore[no-untyped-def] # noqa: ANN202
        yield TOKEN

    with pytest.raises(TypeError, match="get_session_user yields"):
        both.package.current_user_or(get_session_user)


async def test_with_tokens_the_old_bearer_is_tried_too(
    serve: Serve, auth_database: str
) -> None:
    """A bearer that is no access token is the old login's to know."""
    url = {"DATABASE_URL": auth_database, "BETTER_AUTH_URL": "http://127.0.0.1:9"}
    async with serve("jwt", **url) as server:
        add_routes(server.app, server.package)
        for path in ("/old/flow", "/old/scope"):
            moved = await server.client.get(f"/moved{path}", headers=OLD[path][1])
            assert moved.status_code == 200, moved.text
