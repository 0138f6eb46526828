"""The auth tables as data, from better-auth's own description."""

from .tables import Column, Index, Table, tables_for

__all__ = ["Column", "Index", "Table", "tables_for"]
