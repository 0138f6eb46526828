"""Say where an update's conflicts are, and what to type when they are decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Conflict


def to_choose(conflict: Conflict) -> str:
    """Name what could not be merged, and what to type when it is."""
    path = conflict.path
    if conflict.rejected:
        return (
            f"{path}: what could not be merged is in {conflict.rejected}; put it in, "
            f"then rm {conflict.rejected}"
        )
    where = listed_lines(conflict.lines)
    return f"{path}: choose between the marked lines ({where}), then git add {path}"


def listed_lines(numbers: Sequence[int]) -> str:
    """Return ``line 3``, or ``lines 3-5, 9``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    shown = ", ".join(f"{a}-{b}" if a != b else str(a) for a, b in spans)
    return f"line{'s' * (len(numbers) > 1)} {shown}"
