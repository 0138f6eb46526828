from fastapi import FastAPI  # the framework
import routes


def create_app():
	app = FastAPI()
	app.include_router(routes.router)  # everything
	return app


app = create_app()
