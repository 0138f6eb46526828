from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

app = FastAPI()


@app.get("/healthz")
def healthz():
    return "ok"


app.mount("/", StaticFiles(directory="dist"))
