from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from config import settings
from auth import router as auth_router

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=settings.ORIGINS,
    allow_credentials=True,
)
app.include_router(auth_router)
