from fastapi import FastAPI

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
