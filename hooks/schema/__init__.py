"""The auth tables as data, and how they are written for Alembic and as SQL."""

from .tables import Column, Index, Table, tables_for

__all__ = ["Column", "Index", "Table", "tables_for"]
