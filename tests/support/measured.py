"""What ``benchmarks/sessions.py`` asks: one answer, for anybody and for the signed in.

FastAPI reads the annotations below, so they must not be strings.
"""

import base64
import hmac
import importlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from typing import Annotated, Any
from urllib.parse import unquote

import asyncpg
import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.requests import HTTPConnection

package: Any = importlib.import_module(os.environ["AUTH_PACKAGE"])
SECRET = os.environ["BETTER_AUTH_SECRET"].encode()
FIND = """
    SELECT s.id, s.expires_at,
           u.id AS user_id, u.email, u.email_verified, u.name, u.image
      FROM auth_session s
      JOIN auth_user u ON u.id = s.user_id
     WHERE s.token = $1 AND s.expires_at > now()
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool of the look-up that is written by hand, and a client."""
    url = os.environ["BETTER_AUTH_URL"]
    async with (
        asyncpg.create_pool(
            os.environ["DATABASE_URL"], min_size=1, max_size=10
        ) as app.state.pool,
        httpx.AsyncClient(base_url=url, trust_env=False) as app.state.client,
    ):
        yield


app = FastAPI(lifespan=lifespan)
app.include_router(package.router)


async def find_by_hand(request: Request) -> Any:  # noqa: ANN401 - a row
    """Look a session up as one would without a package."""
    cookie = request.cookies.get("better-auth.session_token", "")
    token, _, given = unquote(cookie).rpartition(".")
    expected = base64.b64encode(hmac.digest(SECRET, token.encode(), "sha256"))
    if not hmac.compare_digest(expected, given.encode()):
        raise HTTPException(401)
    row = await request.app.state.pool.fetchrow(FIND, token)
    if row is None:
        raise HTTPException(401)
    return row


@app.get("/open")
async def open_to_all() -> dict[str, bool]:
    """Ask for no user."""
    return {"ok": True}


@app.get("/by-hand")
async def by_hand(
    _: Annotated[asyncpg.Record, Depends(find_by_hand)],
) -> dict[str, bool]:
    """Ask with the look-up that is written by hand."""
    return {"ok": True}


async def ask_auth_server(request: Request) -> Any:  # noqa: ANN401 - JSON
    """Ask the auth server each time."""
    cookie = {"cookie": request.headers.get("cookie", "")}
    answer = await request.app.state.client.get("/api/auth/get-session", headers=cookie)
    if answer.status_code != httpx.codes.OK or answer.json() is None:
        raise HTTPException(401)
    return answer.json()


@app.get("/get-session")
async def get_session(
    _: Annotated[dict[str, object], Depends(ask_auth_server)],
) -> dict[str, bool]:
    """Ask with a call of the auth server."""
    return {"ok": True}


@app.get("/signed-in")
async def signed_in(_: package.CurrentUser) -> dict[str, bool]:
    """Ask with the rendered package."""
    return {"ok": True}


# The same in the shape of FastAPI's documentation: a security scheme is a dependency of
# what asks for the session, and that of what asks for the user.
scheme: Any = copy(package.dependencies.SCHEME)
scheme.auto_error = False


async def user_by_scheme(
    connection: HTTPConnection,
    _: Annotated[object, Depends(scheme)],
) -> Any:  # noqa: ANN401 - a user
    """Find the user in one step after the scheme."""
    return await package.dependencies.get_user(connection)


async def session_by_scheme(
    connection: HTTPConnection,
    _: Annotated[object, Depends(scheme)],
) -> Any:  # noqa: ANN401 - a session
    """Find the session after the scheme."""
    return await package.dependencies.get_session(connection)


async def user_by_session(
    session: Annotated[Any, Depends(session_by_scheme)],  # noqa: ANN401 - rendered
) -> Any:  # noqa: ANN401 - a user
    """Return the user of the session."""
    return session.user


@app.get("/scheme")
async def with_scheme(_: Annotated[object, Depends(user_by_scheme)]) -> dict[str, bool]:
    """Ask with a security scheme before the package."""
    return {"ok": True}


@app.get("/steps")
async def in_steps(_: Annotated[object, Depends(user_by_session)]) -> dict[str, bool]:
    """Ask with a dependency for each step."""
    return {"ok": True}


@app.get("/optional")
async def optional(_: package.OptionalUser) -> dict[str, bool]:
    """Ask with the rendered package, where no one need be signed in."""
    return {"ok": True}


async def optional_by_scheme(
    connection: HTTPConnection,
    _: Annotated[object, Depends(scheme)],
) -> Any:  # noqa: ANN401 - a user
    """Find the user in one step after the scheme."""
    return await package.dependencies.get_optional_user(connection)


async def optional_session_by_scheme(
    connection: HTTPConnection,
    _: Annotated[object, Depends(scheme)],
) -> Any:  # noqa: ANN401 - a session
    """Find the session after the scheme."""
    return await package.dependencies.get_optional_session(connection)


async def optional_by_session(
    session: Annotated[Any, Depends(optional_session_by_scheme)],  # noqa: ANN401 - rendered
) -> Any:  # noqa: ANN401 - a user
    """Return the user of the session."""
    return session and session.user


@app.get("/optional-scheme")
async def optional_with_scheme(
    _: Annotated[object, Depends(optional_by_scheme)],
) -> dict[str, bool]:
    """Ask with a security scheme before the package."""
    return {"ok": True}


@app.get("/optional-steps")
async def optional_in_steps(
    _: Annotated[object, Depends(optional_by_session)],
) -> dict[str, bool]:
    """Ask with a dependency for each step."""
    return {"ok": True}
