from fastapi import FastAPI

from app.routes import items, session

app = FastAPI()
app.include_router(session.router, prefix="/auth")
app.include_router(items.router)
