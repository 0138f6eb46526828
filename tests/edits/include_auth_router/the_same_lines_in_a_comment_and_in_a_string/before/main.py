from fastapi import FastAPI

# from auth import router as auth_router
TEXT = """
app.include_router(auth_router)
"""
app = FastAPI()
