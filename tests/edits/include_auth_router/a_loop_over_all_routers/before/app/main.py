from fastapi import FastAPI

from app.routes import items, users

app = FastAPI()
app.state.ready = False

routers = [(items.router, "/items"), (users.router, "/users")]
for router, prefix in routers:
    app.include_router(router, prefix=prefix)


@app.get("/")
def root() -> None:
    """Nothing here."""
