from fastapi import FastAPI

app = FastAPI(
    title="x",  # a comment
)

import late  # noqa: E402
