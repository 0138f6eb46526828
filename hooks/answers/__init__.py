"""What the user chose: the answers, what each may be, and what follows from them.

The model is imported when it is asked for: pydantic takes longer than discovery does in
a small repository, which needs the choices alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import (
        Answers,
        load_answers,
        parse_answers,
        parse_answers_file,
        read_answers_file,
    )

__all__ = [
    "Answers",
    "load_answers",
    "parse_answers",
    "parse_answers_file",
    "read_answers_file",
]


def __getattr__(name: str) -> object:
    """Return what the model has of this name."""
    if name in __all__:
        return getattr(importlib.import_module(".model", __name__), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
