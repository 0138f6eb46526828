from fastapi import FastAPI

from database import engine
from routes.items import router

app = FastAPI()
app.include_router(router)
