from fastapi import FastAPI

from app.routes import items, users

API = "/api/v1"


def register(app: FastAPI) -> None:
    app.include_router(items.router, prefix=API)
    app.include_router(users.router, prefix=API)
