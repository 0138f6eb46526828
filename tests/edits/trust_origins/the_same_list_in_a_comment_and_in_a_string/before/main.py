from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from auth import router as auth_router

# app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"])
TEXT = 'app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"])'
app = FastAPI()
app.add_middleware(
    CORSMiddleware, allow_origins=["http://localhost:3000"], allow_credentials=True
)
app.include_router(auth_router)
