from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI

from auth import router as auth_router


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield


app: FastAPI = FastAPI(lifespan=lifespan)
app.include_router(auth_router)


@app.get("/")
def home(n: Annotated[int, Depends(lambda: 1)]) -> int:
    return n
