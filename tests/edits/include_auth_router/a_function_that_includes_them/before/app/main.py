from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app.routes import items, users


def init_routers(*, application: FastAPI) -> None:
    application.include_router(items.router)
    application.include_router(users.router)
    application.mount("/", StaticFiles(directory="web"))


def create_app() -> FastAPI:
    app = FastAPI()
    init_routers(application=app)
    return app


app = create_app()
