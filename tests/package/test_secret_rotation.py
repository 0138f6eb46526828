"""Secrets change at both servers while people stay signed in."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.schema.triggers import recreation
from support.auth_server import SECRET as OLD
from support.auth_server import (
    AuthServer,
    environment,
    migrate,
    run_script,
    running_server,
)
from support.postgres import execute, free_port, new_database
from support.sessions import COOKIE, signed

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from support.sessions import Serve

pytestmark = pytest.mark.anyio

NEW = "new-" + "n" * 40
BOTH = f"2:{NEW},1:{OLD}"
ADA = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}


@pytest.fixture
def database(auth_server_folder: Path, postgres: str) -> str:
    """Its own migrated database, with the triggers too."""
    url = new_database(postgres)
    migrate(auth_server_folder, url)
    execute(url, recreation())
    return url


def asks(server: AuthServer, path: str, cookie: str) -> httpx.Response:
    """Ask the auth server with a session cookie."""
    return server.client().get(
        f"/api/auth/{path}", headers={"cookie": f"{COOKIE}={cookie}"}
    )


def knows(server: AuthServer, cookie: str) -> bool:
    """Return True if the auth server finds the session."""
    answer = asks(server, "get-session", cookie)
    assert answer.status_code == 200, answer.text
    return answer.json() is not None


def sign_in(server: AuthServer) -> str:
    """Sign in; return the cookie."""
    answer = server.client().post("/api/auth/sign-in/email", json=ADA)
    assert answer.status_code == 200, answer.text
    return str(answer.cookies[COOKIE])


async def test_nobody_is_signed_out(
    serve: Serve,
    auth_server_folder: Path,
    database: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Old cookies count at both while the old secret is listed, and at neither after.

    What the old secret has encrypted stays readable: tokens are issued throughout.
    """
    port = free_port()
    with running_server(auth_server_folder, database, port=port) as server:
        signed_up = server.client().post("/api/auth/sign-up/email", json=ADA)
        before = signed_up.cookies[COOKIE]
        leaving = sign_in(server)
        assert asks(server, "token", before).status_code == 200
    forged = signed(before.partition(".")[0], "another-" + "s" * 32)
    for secrets, counts in ((BOTH, True), (f"2:{NEW}", False)):
        caplog.clear()
        with running_server(
            auth_server_folder, database, port=port, BETTER_AUTH_SECRETS=secrets
        ) as server:
            after = sign_in(server)
            assert after == signed(after.partition(".")[0], NEW)
            cookies = {before: counts, after: True, forged: False}
            assert {cookie: knows(server, cookie) for cookie in cookies} == cookies
            token = asks(server, "token", after).json()["token"]
            for strategy in ("database", "cached"):
                with caplog.at_level(logging.INFO):
                    async with serve(
                        strategy,
                        DATABASE_URL=database,
                        BETTER_AUTH_SECRET=OLD,
                        BETTER_AUTH_SECRETS=secrets,
                    ) as api:
                        found = {c: (await api.get(c)).is_success for c in cookies}
                        assert found == cookies
            url = f"http://localhost:{port}"
            async with serve("jwt", BETTER_AUTH_URL=url) as api:
                answer = await api.get(authorization=f"Bearer {token}")
                assert answer.json()["email"] == ADA["email"]
            listed = [NEW, OLD] if counts else [NEW]
            digits = ", ".join(
                hashlib.sha256(s.encode()).hexdigest()[:8] for s in listed
            )
            assert caplog.text.count(f"signed with secret {digits}\n") == 2
            assert f'"secret":"{digits}"' in server.logged("auth server listening")
            if counts:
                assert knows(server, leaving)
                ended = server.client().post(
                    "/api/auth/sign-out",
                    headers={"cookie": f"{COOKIE}={leaving}"},
                    json={},
                )
                assert ended.status_code == 200, ended.text
                assert not knows(server, leaving)


@pytest.mark.parametrize(
    "secrets", [NEW, f"2:{NEW},{OLD}", "2:short"], ids=["one", "two", "short"]
)
async def test_a_malformed_list_is_named_and_not_shown(
    serve: Serve,
    auth_server_folder: Path,
    secrets: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither server falls back to a secret that was not meant."""
    url = "postgresql://app@127.0.0.1/app"
    env = environment(url, 0, BETTER_AUTH_SECRETS=secrets)
    done = run_script(auth_server_folder, "server", env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("BETTER_AUTH_SECRETS is malformed")
    async with serve(
        "database", DATABASE_URL=url, BETTER_AUTH_SECRETS=secrets
    ) as server:
        assert (await server.get(signed("t" * 32, OLD))).status_code == 503
    assert "better_auth_secrets" in caplog.text
    for text in (done.stdout + done.stderr, caplog.text):
        assert not re.search(f"{NEW}|{OLD}", text)
