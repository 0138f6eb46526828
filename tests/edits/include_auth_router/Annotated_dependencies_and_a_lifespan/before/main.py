from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield


app: FastAPI = FastAPI(lifespan=lifespan)


@app.get("/")
def home(n: Annotated[int, Depends(lambda: 1)]) -> int:
    return n
