from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from auth import router as auth_router

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["http://localhost:3000", "https://shop.example"],
    allow_headers=["X-Request-ID", "Authorization"],
)
app.include_router(auth_router)
