"""What is wrong with an answer that ``sync`` has recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable


def record_problem(parse: Callable[[object], object], value: object) -> str:
    """Say why ``parse`` does not take a value; empty if it does."""
    try:
        parse(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return f"{place}: {first['msg']}; restore it from git, then run sync"
    return ""
