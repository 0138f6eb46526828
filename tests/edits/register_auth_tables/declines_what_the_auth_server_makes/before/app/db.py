from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_engine("postgresql+psycopg://app@localhost/app")


class Base(DeclarativeBase):
    pass
