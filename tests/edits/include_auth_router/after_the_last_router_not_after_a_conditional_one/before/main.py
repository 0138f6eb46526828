from fastapi import FastAPI
from routes import debug, items

app = FastAPI()
app.include_router(items.router)
if __debug__:
    app.include_router(debug.router)
