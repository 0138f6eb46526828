from fastapi import FastAPI
from routes import items

app = FastAPI()
if DIST.exists():
    app.mount("/", files)
app.include_router(items.router)
