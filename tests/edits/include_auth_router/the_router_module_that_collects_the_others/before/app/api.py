from fastapi import APIRouter

from app.routes import items, users

api_router = APIRouter()
api_router.include_router(items.router, prefix="/items")
api_router.include_router(users.router, prefix="/users")
