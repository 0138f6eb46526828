from fastapi import FastAPI

app = FastAPI()
app = wrapped(app)
