from fastapi import FastAPI

from auth import router as auth_router
from routes import (
    items,
    users,
)

app = FastAPI()

app.include_router(
    items.router,
    prefix="/items",
    tags=["items"],  # shown in the docs
)
app.include_router(
    users.router, prefix="/users", tags=["users"], dependencies=[items.check]
)
app.include_router(auth_router)
