"""The tables of the application; migrations are made from them."""

from sqlmodel import SQLModel

__all__ = ["SQLModel"]
