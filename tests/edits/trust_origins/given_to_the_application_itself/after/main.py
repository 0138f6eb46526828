from fastapi import FastAPI
from fastapi.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware
from auth import router as auth_router

middleware = [
    Middleware(CORSMiddleware, allow_origins=["http://localhost:3000", "https://shop.example"], allow_credentials=True),
]
app = FastAPI(middleware=middleware)
app.include_router(auth_router)
