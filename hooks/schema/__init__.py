"""The auth tables as data, and how they are written for Alembic and as SQL."""

from .change import SchemaChange, needed
from .tables import Column, Index, Table, tables_for

__all__ = ["Column", "Index", "SchemaChange", "Table", "needed", "tables_for"]
