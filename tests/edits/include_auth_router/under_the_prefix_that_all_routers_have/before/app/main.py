from fastapi import FastAPI

from app.routes import items, users

PREFIX = "/api"

app = FastAPI()
app.include_router(items.router, prefix=PREFIX)
app.include_router(users.router, prefix=PREFIX)
