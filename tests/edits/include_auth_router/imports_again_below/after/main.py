from fastapi import FastAPI

from auth import router as auth_router

app = FastAPI(
    title="x",  # a comment
)
app.include_router(auth_router)

import late  # noqa: E402
