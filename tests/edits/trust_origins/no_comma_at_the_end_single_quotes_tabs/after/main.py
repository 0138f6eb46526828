from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from auth import router as auth_router

app = FastAPI()
app.add_middleware(
	CORSMiddleware,
	allow_origins=[
		'http://localhost:3000',
		'https://shop.example'
	],
	allow_credentials=True
)
app.include_router(auth_router)
