from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    NAME: str = "shop"
    ORIGINS: list[str] = ["http://localhost:3000"]


settings = Settings()
