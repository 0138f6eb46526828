from fastapi import FastAPI

from .routes import items, users
from .settings import NAME

app = FastAPI(title=NAME)
app.include_router(items.router)
app.include_router(users.router)
