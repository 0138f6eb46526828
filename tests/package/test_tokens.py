"""Tokens: who is let in by a signature alone, and how everybody else is refused."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from support.auth_server import migrate, running_server
from support.sessions import COOKIE
from support.tokens import (
    MINUTES,
    SESSION,
    USER,
    AuthServer,
    of,
    serving_keys,
    unpadded,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import httpx
    from support.sessions import Serve, Server

pytestmark = pytest.mark.anyio


@pytest.fixture
def auth_server() -> Iterator[AuthServer]:
    """An auth server's keys, on loopback."""
    with serving_keys() as keys:
        yield keys


@pytest.fixture
async def server(
    serve: Serve,
    auth_server: AuthServer,
    anyio_backend: str,
) -> AsyncIterator[Server]:
    """An application that verifies this auth server's tokens."""
    assert anyio_backend
    url = f"{auth_server.url}/"
    async with serve("jwt", BETTER_AUTH_URL=url) as running:
        yield running


async def me(server: Server, token: str, path: str = "/auth/me") -> httpx.Response:
    """Ask with a token."""
    return await server.get(path=path, authorization=f"Bearer {token}")


def assert_unauthenticated(response: httpx.Response) -> None:
    """Refused without a hint at what was wrong, and not as a failure of ours."""
    assert response.status_code == 401, response.text
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {"detail": "Not authenticated"}


async def test_a_token_is_recognised(server: Server, auth_server: AuthServer) -> None:
    """With one question for the keys, however many requests come."""
    token = auth_server.token()
    answers = await asyncio.gather(*(me(server, token) for _ in range(20)))
    for answer in answers:
        assert answer.json()["id"] == USER
        assert answer.json()["email"] == "ada@example.com"
    assert auth_server.asked == 1
    assert (await me(server, token, "/verified")).status_code == 200
    unverified = auth_server.token(email_verified=False)
    assert (await me(server, unverified, "/verified")).status_code == 403
    posted = await server.send(
        "POST", "/orders", None, authorization=f"bearer {token}", origin="https://a.b"
    )
    assert posted.json() == {"same": True}


async def test_nobody(server: Server) -> None:
    """The cookie is none of this strategy's, so it is no credential here."""
    assert_unauthenticated(await server.get())
    assert_unauthenticated(await server.get("t" * 32))
    assert (await server.get(path="/optional")).json() == {"email": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.test"},
        {"iss": None},
        {"aud": "https://evil.test"},
        {"aud": None},
        {"aud": "better-auth:session-cache"},
        {"header": {"typ": "better-auth.session-cache+jwt"}},
        {"header": {"kid": "two"}},
        {"header": {"kid": ["one"]}},
        {"header": {"kid": None}},
        {"header": {"crit": ["b64"], "b64": False}},
        {"exp": None},
        {"iat": None},
        {"iat": "yesterday"},
        {"exp": timedelta(seconds=-1), "iat": timedelta(minutes=-1)},
        {"exp": timedelta(days=1, minutes=MINUTES)},
        {"iat": timedelta(days=1), "exp": timedelta(days=1, minutes=1)},
        {"exp": float("inf")},
        {"exp": 1e300, "iat": 1e300},
        {"nbf": timedelta(minutes=10)},
        {"sub": None},
        {"sub": "1 OR 1=1"},
        {"sid": None},
        {"sid": 7},
        {"email": None},
    ],
    ids="-".join,
)
async def test_a_bad_claim_is_refused(
    server: Server, auth_server: AuthServer, changes: dict[str, Any]
) -> None:
    """All of these are signed with the right key."""
    for path in ("/auth/me", "/optional"):
        assert_unauthenticated(await me(server, auth_server.token(**changes), path))
    assert (await me(server, auth_server.token())).status_code == 200


async def test_only_one_algorithm_counts(
    server: Server, auth_server: AuthServer
) -> None:
    """Neither none, nor the public key as a secret, nor another pair of keys."""
    claims = auth_server.claims()
    public = auth_server.keys["one"].public_key().public_bytes_raw()
    other = rsa.generate_private_key(65_537, 2048)
    stranger = ed25519.Ed25519PrivateKey.generate()
    kid = {"kid": "one"}
    good = auth_server.token()
    head, body, signature = good.split(".")
    altered = unpadded(json.dumps(auth_server.claims(sub=SESSION)).encode())
    for forged in (
        jwt.encode(claims, None, "none", kid),
        jwt.encode(claims, public, "HS256", kid),
        jwt.encode(claims, other, "RS256", kid),
        jwt.encode(claims, stranger, "EdDSA", kid),
        f"{unpadded(json.dumps({'alg': 'none', **kid}).encode())}.{body}.",
        f"{head}.{altered}.{signature}",
        f"{head}.{body}.",
    ):
        assert_unauthenticated(await me(server, forged))
        assert_unauthenticated(await me(server, forged, "/optional"))
    assert (await me(server, good)).status_code == 200


@pytest.mark.parametrize(
    "token",
    [
        "",
        "t" * 32,
        "a.b.c",
        "a" * 5_000,
        of(b"[" * 2_900),
        of(b'{"alg":' + b"[" * 2_800),
        of(b"[1]"),
        of(b'{"alg":"EdDSA","kid":"\\u0000"}'),
        "eyJhbGciOiJFZERTQSJ9\0.e30.e30",
    ],
    ids=lambda token: token[:24].replace("\0", "NUL"),
)
async def test_what_is_no_token_is_refused(server: Server, token: str) -> None:
    """Whatever it is, it is a bad credential and not a failure of ours."""
    assert_unauthenticated(await me(server, token))
    assert_unauthenticated(await me(server, token, "/optional"))


async def test_one_credential_in_one_header(
    server: Server, auth_server: AuthServer
) -> None:
    """Two are one too many; another scheme is not ours, and no missing one either."""
    token = f"Bearer {auth_server.token()}"
    twice = [("authorization", token), ("authorization", token)]
    refused = await server.client.get("/auth/me", headers=twice)
    assert refused.status_code == 400
    for other in ("Basic YTpi", "Bearer", ""):
        answer = await server.get(path="/optional", authorization=other)
        assert_unauthenticated(answer)


async def test_a_token_ends_while_it_is_remembered(
    server: Server, auth_server: AuthServer
) -> None:
    """Time ends it, although its signature was verified before."""
    expires = int(time.time()) + 4
    token = auth_server.token(exp=expires)
    assert (await me(server, token)).status_code == 200
    await asyncio.sleep(expires - time.time() + 0.1)
    assert_unauthenticated(await me(server, token))


async def test_keys_are_rotated(
    server: Server, auth_server: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new key counts at once, an old one as long as it is published, no longer."""
    old = auth_server.token("one")
    assert (await me(server, old)).status_code == 200
    monkeypatch.setattr(server.module("tokens"), "_SECONDS_BETWEEN_FETCHES", 0.05)
    await asyncio.sleep(0.1)
    auth_server.new_key("two")
    assert (await me(server, auth_server.token("two"))).status_code == 200
    assert (await me(server, old)).status_code == 200
    del auth_server.keys["one"]
    await asyncio.sleep(0.1)
    unknown = auth_server.token("two", header={"kid": "three"})
    assert_unauthenticated(await me(server, unknown))
    assert_unauthenticated(await me(server, old))


async def test_keys_at_another_address(serve: Serve, auth_server: AuthServer) -> None:
    """In containers the browsers' address, which tokens name, leads nowhere."""
    issuer = "http://localhost:1"
    keys = f"{auth_server.url}/api/auth/jwks"
    async with serve("jwt", BETTER_AUTH_URL=issuer, JWKS_URL=keys) as server:
        token = auth_server.token(iss=issuer, aud=issuer)
        assert (await me(server, token)).status_code == 200
        assert_unauthenticated(await me(server, auth_server.token()))


async def test_strange_keys_are_passed_over(
    server: Server, auth_server: AuthServer
) -> None:
    """One of another kind neither counts nor hides the others."""
    auth_server.extra = [
        {"kty": "OKP", "crv": "X25519", "kid": "x", "x": unpadded(b"x" * 32)},
        {"kty": "oct", "kid": "secret", "k": unpadded(b"k" * 32)},
        {"kty": "OKP", "crv": "Ed25519", "kid": "short", "x": unpadded(b"x")},
    ]
    assert (await me(server, auth_server.token())).status_code == 200
    claims = auth_server.claims()
    symmetric = jwt.encode(claims, b"k" * 32, "HS256", {"kid": "secret"})
    assert_unauthenticated(await me(server, symmetric))
    for kid in ("x", "secret", "short"):
        strange = auth_server.token(header={"kid": kid})
        assert_unauthenticated(await me(server, strange))


async def test_made_up_key_ids_are_not_passed_on(
    server: Server, auth_server: AuthServer
) -> None:
    """However many come, the auth server is asked at a bounded rate."""
    assert (await me(server, auth_server.token())).status_code == 200
    for n in range(20):
        forged = auth_server.token(header={"kid": f"made-up-{n}"})
        assert_unauthenticated(await me(server, forged))
    assert auth_server.asked == 1


@pytest.mark.parametrize(
    "answer", [b"nothing", b"cut short", b"<html>", b"[]", b'{"keys": 1}', b"[" * 9_999]
)
async def test_an_outage_of_the_keys_is_no_refusal(
    server: Server,
    auth_server: AuthServer,
    answer: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """503 until the keys are known; then they serve through the next outage."""
    monkeypatch.setattr(server.module("tokens"), "_SECONDS_BETWEEN_FETCHES", 0.05)
    auth_server.answer = answer
    for path in ("/auth/me", "/optional"):
        refused = await me(server, auth_server.token(), path)
        assert refused.status_code == 503, refused.text
        assert int(refused.headers["retry-after"]) > 0
    auth_server.answer = None
    await asyncio.sleep(0.1)
    assert (await me(server, auth_server.token())).status_code == 200
    auth_server.answer = answer
    monkeypatch.setattr(server.module("tokens"), "_KEYS_STALE_AFTER_SECONDS", 0)
    assert (await me(server, auth_server.token(name="Ida"))).status_code == 200
    auth_server.new_key("two")
    await asyncio.sleep(0.1)
    assert (await me(server, auth_server.token("two"))).status_code == 503


@pytest.mark.parametrize("drips", ["headers", "body"])
async def test_a_key_server_that_drips_holds_nobody(
    serve: Serve,
    auth_server: AuthServer,
    monkeypatch: pytest.MonkeyPatch,
    drips: str,
) -> None:
    """All of it has one deadline, and the application can end before that."""
    async with serve("jwt", BETTER_AUTH_URL=auth_server.url) as server:
        monkeypatch.setattr(server.module("tokens"), "_FETCH_TIMEOUT_SECONDS", 0.5)
        auth_server.drips = drips
        asked = asyncio.gather(*(me(server, auth_server.token()) for _ in range(5)))
        answers = await asyncio.wait_for(asked, 3)
        assert {answer.status_code for answer in answers} == {503}
        monkeypatch.setattr(server.module("tokens"), "_FETCH_TIMEOUT_SECONDS", 60)
        monkeypatch.setattr(server.module("tokens"), "_SECONDS_BETWEEN_FETCHES", 0)
        waiting = asyncio.create_task(me(server, auth_server.token()))
        await asyncio.sleep(0.2)
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 2
    assert (await asyncio.wait_for(waiting, 3)).status_code == 503


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_keys_of_another_host_count_nothing(
    server: Server, auth_server: AuthServer, status: int
) -> None:
    """Wherever the key set redirects to: anyone who is there could sign for anybody."""
    with serving_keys() as evil:
        auth_server.redirect = f"{status} {evil.url}/api/auth/jwks"
        evil.new_key("theirs")
        url = auth_server.url
        forged = evil.token("theirs", iss=url, aud=url)
        for token in (forged, auth_server.token()):
            assert (await me(server, token)).status_code == 503
        assert evil.asked == 0


async def test_a_user_with_a_very_long_name(
    serve: Serve, auth_server_folder: Path, database_url: str
) -> None:
    """Gets a token that a header can carry, and is recognised by it."""
    migrate(auth_server_folder, database_url)
    with running_server(auth_server_folder, database_url) as issuer:
        browser = issuer.client()
        url = issuer.url.replace("127.0.0.1", "localhost")
        async with serve("jwt", BETTER_AUTH_URL=url) as server:
            for name in ("A" * 20_000, "\U0001f600" * 5_000, '\\"\x1f' * 3_000):
                email = f"{'e' * 60}.{len(name)}@{'d' * 60}.example.com"
                new = {"email": email, "password": "correct horse", "name": name}
                signed_up = browser.post("/api/auth/sign-up/email", json=new)
                assert signed_up.status_code == 200, signed_up.text
                token = browser.get("/api/auth/token").json()["token"]
                assert len(token) < 4_096
                known = (await me(server, token)).json()
                assert known["email"] == email
                assert name.startswith(known["name"])
                assert len(known["name"]) == 128


async def test_memory_is_bounded(
    server: Server, auth_server: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest goes, and is verified again when it comes back."""
    monkeypatch.setattr(server.module("tokens"), "_MOST_TOKENS", 3)
    tokens = [auth_server.token(name=f"Ada {n}") for n in range(5)]
    for token in [*tokens, tokens[0]]:
        assert (await me(server, token)).status_code == 200
    assert len(server.strategy._verified) == 3  # noqa: SLF001


async def test_openapi(server: Server) -> None:
    """The docs page asks for a token."""
    schemes = server.app.openapi()["components"]["securitySchemes"]
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    assert schemes == {"Access token": bearer}
    assert COOKIE not in str(server.app.openapi())
