"""The routes of the auth package."""

from fastapi import APIRouter, Response, status

from .dependencies import CurrentUser
from .lifespan import lifespan
from .models import User

router = APIRouter(prefix="/auth", tags=["auth"], lifespan=lifespan)


@router.get(
    "/me",
    operation_id="auth_read_me",
    summary="Read the signed-in user",
    description="Return the user whose session, or token, the request carries.",
    responses={status.HTTP_401_UNAUTHORIZED: {"description": "Not authenticated"}},
)
async def read_me(user: CurrentUser, response: Response) -> User:
    """Return the signed-in user."""
    # Proxies must not cache one user's answer for the next.
    response.headers["Cache-Control"] = "no-store"
    return user
