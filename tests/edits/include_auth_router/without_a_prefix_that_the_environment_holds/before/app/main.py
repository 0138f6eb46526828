from fastapi import FastAPI

from app.routes import items, users
from app.settings import settings

app = FastAPI()
app.include_router(items.router, prefix=settings.api_prefix)
app.include_router(users.router, prefix=settings.api_prefix)
