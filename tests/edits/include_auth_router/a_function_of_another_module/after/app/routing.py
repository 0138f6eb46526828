from fastapi import FastAPI

from app.auth import router as auth_router
from app.routes import items, users

API = "/api/v1"


def register(app: FastAPI) -> None:
    app.include_router(items.router, prefix=API)
    app.include_router(users.router, prefix=API)
    app.include_router(auth_router, prefix=API)
