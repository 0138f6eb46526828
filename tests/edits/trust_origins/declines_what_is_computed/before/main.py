from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

ORIGINS = open("origins.txt").read().split()

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=[o for o in ORIGINS])
