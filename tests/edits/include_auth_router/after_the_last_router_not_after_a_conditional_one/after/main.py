from fastapi import FastAPI
from auth import router as auth_router
from routes import debug, items

app = FastAPI()
app.include_router(items.router)
app.include_router(auth_router)
if __debug__:
    app.include_router(debug.router)
