from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from auth import router as auth_router

app = FastAPI()


@app.get("/healthz")
def healthz():
    return "ok"


app.include_router(auth_router)
app.mount("/", StaticFiles(directory="dist"))
