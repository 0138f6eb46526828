from fastapi import FastAPI  # the framework
import routes
from auth import router as auth_router


def create_app():
	app = FastAPI()
	app.include_router(routes.router)  # everything
	app.include_router(auth_router)
	return app


app = create_app()
