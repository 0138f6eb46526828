from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

origins = ["http://localhost:3000"]
origins.append("http://localhost:4000")

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=origins)
