from fastapi import FastAPI

from app.auth import router as auth_router


def create_app() -> FastAPI:
    app = FastAPI()
    app.state.ready = False
    app.include_router(auth_router)
    return app
