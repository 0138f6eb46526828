from fastapi import FastAPI


def create_app() -> FastAPI:
    app = FastAPI()
    app.state.ready = False
    return app
