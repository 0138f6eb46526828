from fastapi import FastAPI

from app.routing import register

app = FastAPI()
register(app)
