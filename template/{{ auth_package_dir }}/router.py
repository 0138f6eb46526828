"""The routes of the auth package: who am I?"""

from fastapi import APIRouter, status

from .dependencies import CurrentUser
from .lifespan import lifespan
from .models import User

router = APIRouter(prefix="/auth", tags=["auth"], lifespan=lifespan)


@router.get("/me", responses={status.HTTP_401_UNAUTHORIZED: {"description": "Nobody"}})
async def read_me(user: CurrentUser) -> User:
    """Return the signed-in user."""
    return user
