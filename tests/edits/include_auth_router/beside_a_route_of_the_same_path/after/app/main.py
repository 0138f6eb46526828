from fastapi import FastAPI

from app.auth import router as auth_router
from app.routes import items, session

app = FastAPI()
app.include_router(session.router, prefix="/auth")
app.include_router(items.router)
app.include_router(auth_router, prefix="/better-auth")
