"""The rendered auth package, imported, with sessions as the auth server writes them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import importlib
import inspect
import secrets
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

import asyncpg
import httpx
from copier_better_auth.answers import Answers
from copier_better_auth.migrations.change import needed
from copier_better_auth.migrations.sql import statements

from support.application import application
from support.auth_server import render
from support.once import once
from support.postgres import execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    import pytest
    from fastapi import FastAPI

    Serve = Callable[..., AbstractAsyncContextManager["Server"]]

# asyncpg has no types, and neither has what was rendered.
Database: TypeAlias = Any
Rendered: TypeAlias = Any

SECRET = "current-" + "s" * 32
COOKIE = "better-auth.session_token"
STRATEGIES = ("database", "cached", "jwt")


def render_package(template: Path, folder: Path, strategy: str) -> str:
    """Render a strategy's package; return the name that it can be imported by now."""
    name = f"auth_{strategy}"
    answers = {
        "auth_session_validation": strategy,
        "auth_database_layer": "none",
        "auth_migration_system": "none",
        "auth_existing_users_table": {"table": "users"},
        "auth_package_dir": f"backend/{name}",
    }
    once(folder, lambda made: render(template, made, answers))
    sys.path.insert(0, str(folder / "backend"))
    return name


def create_tables(url: str) -> None:
    """Create what the migration of a ``cached`` project creates."""
    answers = Answers(auth_session_validation="cached")
    execute(url, statements(needed(answers, [])))


def signed(token: str, secret: str = SECRET) -> str:
    """Return the value of the cookie that better-auth sets for a token."""
    signature = base64.b64encode(hmac.digest(secret.encode(), token.encode(), "sha256"))
    return quote(f"{token}.{signature.decode()}", safe="")


@dataclass(frozen=True)
class SignedIn:
    """A row of auth_session and one of auth_user."""

    user_id: str
    email: str
    token: str
    cookie: str


async def sign_in(
    database: Database,
    *,
    seconds: float = 3600,
    secret: str = SECRET,
) -> SignedIn:
    """Write a new user with a session, as the auth server does."""
    email = f"{secrets.token_hex(6)}@example.com"
    token = secrets.token_hex(16)
    user_id = await database.fetchval(
        "INSERT INTO auth_user (name, email) VALUES ('Ada', $1) RETURNING id", email
    )
    await database.execute(
        """INSERT INTO auth_session (user_id, token, expires_at)
           VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))""",
        *(user_id, token, seconds),
    )
    return SignedIn(str(user_id), email, token, signed(token, secret))


@dataclass
class Server:
    """An application with the rendered package, and a client of it."""

    package: Rendered
    app: FastAPI
    client: httpx.AsyncClient
    environment: Mapping[str, str] = field(default_factory=dict)

    async def get(
        self, cookie: str | None = None, path: str = "/auth/me", **headers: str
    ) -> httpx.Response:
        """GET with a session cookie, as a browser does."""
        return await self.send("GET", path, cookie, **headers)

    async def send(
        self, method: str, path: str, cookie: str | None, **headers: str
    ) -> httpx.Response:
        """Send a request; ``sec_fetch_site`` becomes ``sec-fetch-site``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie is not None:
            named["cookie"] = f"{COOKIE}={cookie}"
        return await self.client.request(method, path, headers=named)

    @property
    def strategy(self) -> Rendered:
        """The strategy that this event loop uses."""
        return self.module("lifespan").current_strategy()

    def module(self, name: str) -> Rendered:
        """Return a module of the rendered package."""
        return importlib.import_module(f"{self.package.__name__}.{name}")

    async def caches(self, within: float = 10) -> None:
        """Wait until sessions are taken from memory."""
        await until(self.strategy._is_trusted, within)  # noqa: SLF001


async def until(holds: Callable[[], bool | Awaitable[bool]], within: float) -> float:
    """Wait until a condition, sync or async, holds; return the seconds that took."""
    started = time.monotonic()
    while True:
        result = holds()
        if await result if inspect.isawaitable(result) else result:
            return time.monotonic() - started
        assert time.monotonic() - started < within, f"not within {within} seconds"
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def serving(
    name: str, monkeypatch: pytest.MonkeyPatch, **environment: str
) -> AsyncIterator[Server]:
    """Run an application with a rendered package from its start to its end."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    package = importlib.import_module(name)
    importlib.import_module(f"{name}.config").get_auth_settings.cache_clear()
    app = application(package)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api.test") as client,
    ):
        yield Server(package, app, client, environment)


async def connect(url: str) -> Database:
    """Connect to a database, as another client than the package."""
    return await asyncpg.connect(url)
