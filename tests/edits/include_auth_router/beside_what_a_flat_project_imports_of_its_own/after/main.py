from fastapi import FastAPI

from auth import router as auth_router
from database import engine
from routes.items import router

app = FastAPI()
app.include_router(router)
app.include_router(auth_router)
