"""The login that an application had before: one dependency for each way to write it.

FastAPI reads the annotations below, so they must not be strings.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Request, Security
from fastapi.security import (
    HTTPAuthorizationCredentials,
    HTTPBearer,
    OAuth2PasswordBearer,
    SecurityScopes,
)

TOKEN = "of-the-old-login"  # noqa: S105 - for tests alone
REFUSED = HTTPException(401, "Could not validate credentials")


@dataclass
class Old:
    """A person of the old login, and the database session that they were read with."""

    name: str
    database: object = None


@dataclass
class Databases:
    """Database sessions, as ``get_db`` opens and closes them."""

    opened: list[object] = field(default_factory=list)
    closed: list[object] = field(default_factory=list)


DATABASES = Databases()
password_flow = OAuth2PasswordBearer(tokenUrl="login", scopes={"orders": "Orders"})
http_bearer = HTTPBearer()


async def get_db() -> AsyncIterator[object]:
    """Give a database session to the route and to all its dependencies."""
    database = object()
    DATABASES.opened.append(database)
    try:
        yield database
    finally:
        DATABASES.closed.append(database)


def get_settings() -> str:
    """Return what a token must be."""
    return TOKEN


def get_current_user(
    token: Annotated[str, Depends(password_flow)],
    database: Annotated[object, Depends(get_db)],
    expected: str = Depends(get_settings),
) -> Old:
    """Know a person as FastAPI's documentation does."""
    if token != expected:
        raise REFUSED
    return Old("by the password flow", database)


async def get_active_user(old: Annotated[Old, Depends(get_current_user)]) -> Old:
    """Ask the one above."""
    return old


async def by_header(x_token: str = Header(...)) -> Old:
    """Want a header, as FastAPI itself checks it."""
    if x_token != TOKEN:
        raise REFUSED
    return Old("by a header")


async def by_old_cookie(old_session: Annotated[str, Cookie()]) -> Old:
    """Want another cookie."""
    if old_session != TOKEN:
        raise REFUSED
    return Old("by the old cookie")


def by_query(token: str, request: Request) -> Old:
    """Want a part of the address, which has no marker."""
    if token != TOKEN or request.method != "GET":
        raise REFUSED
    return Old("by the address")


class FromRequest:
    """Read the request by hand, in an object."""

    async def __call__(self, request: Request) -> Old:
        """Know a person by the header itself."""
        if request.headers.get("authorization") != f"Token {TOKEN}":
            raise REFUSED
        return Old("by hand")


def with_scopes(
    scopes: SecurityScopes,
    given: Annotated[HTTPAuthorizationCredentials, Security(http_bearer)],
) -> Old:
    """Want a scope, which the token is."""
    if given.credentials != TOKEN or scopes.scopes != ["orders"]:
        raise REFUSED
    return Old("with a scope")


async def with_orders(
    old: Annotated[Old, Security(with_scopes, scopes=["orders"])],
) -> Old:
    """Want that scope of the one above."""
    return old


# By the path of its route: the dependency, and a header that it accepts.
OLD = {
    "/old/flow": (get_current_user, {"authorization": f"Bearer {TOKEN}"}),
    "/old/active": (get_active_user, {"authorization": f"Bearer {TOKEN}"}),
    "/old/header": (by_header, {"x-token": TOKEN}),
    "/old/cookie": (by_old_cookie, {"cookie": f"old_session={TOKEN}"}),
    "/old/hand": (FromRequest(), {"authorization": f"Token {TOKEN}"}),
    "/old/scope": (with_orders, {"authorization": f"Bearer {TOKEN}"}),
}


def add_routes(app: FastAPI, package: Any) -> None:  # noqa: ANN401 - rendered
    """Add each old route as it was, and as it is once it was moved."""
    for path, (dependency, _) in OLD.items():
        add_route(app, path, dependency)
        add_route(app, f"/moved{path}", package.current_user_or(dependency))


def add_route(app: FastAPI, path: str, dependency: Any) -> None:  # noqa: ANN401
    """Add a route that says who the dependency lets in."""

    @app.get(path)
    async def named(
        caller: Annotated[Any, Depends(dependency)],  # noqa: ANN401
        database: Annotated[object, Depends(get_db)],
    ) -> dict[str, Any]:
        shared = isinstance(caller, Old) and caller.database in (None, database)
        return {"name": caller.name, "shared": shared}
