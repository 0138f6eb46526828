"""The same application as ``conforming``, with fastapi-better-auth-bridge.

It runs in its own environment. FastAPI reads the annotations below, so they must
not be strings.
"""

import os
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi_better_auth import (  # type: ignore[import-not-found]
    BetterAuth,
    CookieVerifier,
    JwtVerifier,
    OriginCheck,
    Session,
    SharedSecret,
    SqlAlchemySessionStore,
    User,
)
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"].replace("://", "+asyncpg://"))
cookie = CookieVerifier(
    secret=SharedSecret(os.environ["BETTER_AUTH_SECRET"]),
    # Views with the names of columns that it expects.
    store=SqlAlchemySessionStore(engine=engine, schema="bridge"),
    csrf=OriginCheck(allowed_origins=["http://localhost:3000"]),
    secure_cookies=False,
)
token = JwtVerifier(base_url=os.environ["BETTER_AUTH_URL"])
app = FastAPI()


def add(way: str, auth: Any) -> None:  # noqa: ANN401 - untyped here
    """Let a verifier guard two routes."""

    @app.get(f"/{way}/auth/me")
    async def me(
        session: Annotated[Session[User], Depends(auth.current_session())],
    ) -> dict[str, str | None]:
        return {"email": session.user.email}

    @app.get(f"/{way}/optional")
    async def optional(
        session: Annotated[Session[User] | None, Depends(auth.optional_session())],
    ) -> dict[str, str | None]:
        return {"email": session.user.email if session else None}


add("cookie", BetterAuth(verifiers=[cookie]))
add("jwt", BetterAuth(verifiers=[token]))


@app.get("/open")
async def open_to_all() -> dict[str, bool]:
    """Ask for no user."""
    return {"ok": True}
