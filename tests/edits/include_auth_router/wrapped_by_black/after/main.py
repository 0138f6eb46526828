from fastapi import FastAPI

from routes import (
    items,
    users,
)

from auth import router as auth_router

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
