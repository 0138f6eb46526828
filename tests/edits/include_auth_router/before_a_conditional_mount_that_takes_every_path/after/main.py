from fastapi import FastAPI
from auth import router as auth_router
from routes import items

app = FastAPI()
app.include_router(auth_router)
if DIST.exists():
    app.mount("/", files)
app.include_router(items.router)
