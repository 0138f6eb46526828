from fastapi import FastAPI

from app.auth import router as auth_router
from app.routes import items, users

PREFIX = "/api"

app = FastAPI()
app.include_router(items.router, prefix=PREFIX)
app.include_router(users.router, prefix=PREFIX)
app.include_router(auth_router, prefix=PREFIX)
