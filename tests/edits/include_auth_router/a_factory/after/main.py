from fastapi import FastAPI

from auth import router as auth_router


def create_app() -> FastAPI:
    app = FastAPI()
    app.include_router(auth_router)
    return app
