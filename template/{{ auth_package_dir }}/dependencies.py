"""The dependencies that routes declare, and how a request becomes a session."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

from fastapi import Depends
from fastapi.requests import HTTPConnection
from fastapi.security.base import SecurityBase

from .credential import SCHEME, credential
from .errors import EmailNotVerified, NotAuthenticated
from .lifespan import current_strategy
from .models import Session, User

# Where the request's scope stores the session, for further dependencies of the request.
SCOPE_KEY = "better-auth.session"

T = TypeVar("T")


class Dependency(SecurityBase, Generic[T]):
    """A dependency that OpenAPI shows with its credential, under Authorize.

    FastAPI's documentation has the scheme as a dependency of each function instead. It
    takes some 20 microseconds more for each request, and twice that where every step is
    a dependency of the next; so here each function is its own scheme.
    """

    def __init__(self, solve: Callable[[HTTPConnection], Awaitable[T]]) -> None:
        self.scheme_name = SCHEME.scheme_name
        self.model = SCHEME.model
        self.__doc__ = solve.__doc__
        self._solve = solve

    async def __call__(self, connection: HTTPConnection) -> T:
        return await self._solve(connection)


@Dependency
async def get_optional_session(connection: HTTPConnection) -> Session | None:
    """Return the caller's session, or None where no credential was sent.

    An invalid credential raises 401; it never counts as anonymous.
    """
    scope = connection.scope
    if SCOPE_KEY not in scope:
        given = credential(connection)
        if given is None:
            scope[SCOPE_KEY] = None
        else:
            session = await current_strategy().find(given)
            if session is None:
                raise NotAuthenticated
            scope[SCOPE_KEY] = session
    kept: Session | None = scope[SCOPE_KEY]
    return kept


@Dependency
async def get_session(connection: HTTPConnection) -> Session:
    """Return the caller's session; raise 401 if the request is anonymous."""
    session = await get_optional_session(connection)
    if session is None:
        raise NotAuthenticated
    return session


@Dependency
async def get_optional_user(connection: HTTPConnection) -> User | None:
    """Return the signed-in user, or None if the request is anonymous."""
    session = await get_optional_session(connection)
    return session.user if session else None


@Dependency
async def get_user(connection: HTTPConnection) -> User:
    """Return the signed-in user; raise 401 if the request is anonymous."""
    return (await get_session(connection)).user


@Dependency
async def get_verified_user(connection: HTTPConnection) -> User:
    """Return the signed-in user; raise 403 until the e-mail address is confirmed."""
    user = await get_user(connection)
    if not user.email_verified:
        raise EmailNotVerified
    return user


CurrentUser = Annotated[User, Depends(get_user)]
"""The signed-in user; anonymous requests get 401.

    @app.get("/orders")
    async def orders(user: CurrentUser) -> list[Order]:
        return await orders_of(user.id)
"""

OptionalUser = Annotated[User | None, Depends(get_optional_user)]
"""The signed-in user, or None for anonymous requests.

    @app.get("/")
    async def home(user: OptionalUser) -> str:
        return f"Hello {user.name}" if user else "Hello"
"""

VerifiedUser = Annotated[User, Depends(get_verified_user)]
"""The signed-in user, whose e-mail address is confirmed; otherwise 403.

    @app.post("/invitations")
    async def invite(user: VerifiedUser, email: str) -> None:
        await send_invitation(email, invited_by=user.email)
"""

CurrentSession = Annotated[Session, Depends(get_session)]
"""The session itself, with its user.

    @app.get("/session")
    async def ends(session: CurrentSession) -> datetime:
        return session.expires_at
"""
