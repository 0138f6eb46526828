from fastapi import FastAPI

from .auth import router as auth_router
from .routes import items, users
from .settings import NAME

app = FastAPI(title=NAME)
app.include_router(items.router)
app.include_router(users.router)
app.include_router(auth_router)
