"""What one step of a migration, or a model, says about a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class ColumnChange:
    """One column that is declared, altered or dropped, with where that is written.

    ``type`` is in lower case, without its length. ``None`` says that a step leaves the
    type, NULL or the default as it was. An empty ``column`` means all of a table, or
    the table itself where it is renamed.
    """

    action: Literal["declare", "alter", "rename", "drop"]
    table: str
    column: str
    path: str
    line: int
    type: str | None = None
    zoned: bool = False
    takes_null: bool | None = None
    has_default: bool | None = None
    new_name: str = ""
