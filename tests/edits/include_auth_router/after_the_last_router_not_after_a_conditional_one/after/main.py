from fastapi import FastAPI
from routes import debug, items

from auth import router as auth_router

app = FastAPI()
app.include_router(items.router)
app.include_router(auth_router)
if __debug__:
    app.include_router(debug.router)
