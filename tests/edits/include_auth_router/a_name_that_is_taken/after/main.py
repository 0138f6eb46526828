from fastapi import FastAPI
from auth import router as better_auth_router
from routes import auth_router

app = FastAPI()
app.include_router(auth_router, prefix="/auth-old")
app.include_router(better_auth_router)
