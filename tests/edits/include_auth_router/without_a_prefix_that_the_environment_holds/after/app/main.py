from fastapi import FastAPI

from app.auth import router as auth_router
from app.routes import items, users
from app.settings import settings

app = FastAPI()
app.include_router(items.router, prefix=settings.api_prefix)
app.include_router(users.router, prefix=settings.api_prefix)
app.include_router(auth_router)
