from fastapi import FastAPI
from routes import items

from auth import router as auth_router

app = FastAPI()
app.include_router(auth_router)
if DIST.exists():
    app.mount("/", files)
app.include_router(items.router)
