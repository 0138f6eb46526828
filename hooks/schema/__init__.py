"""The auth tables as data, and how they are written for Alembic and as SQL."""

from .tables import Column, Index, Table, tables_for
from .triggers import creates_triggers, triggers_for

__all__ = [
    "Column",
    "Index",
    "Table",
    "creates_triggers",
    "tables_for",
    "triggers_for",
]
