"""Manual steps whose text can be typed where they say, to the letter.

A step that another edit's change moved gets the new line number in the end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import ManualStep, Place, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from ..repository.staging import Staging


def as_step(
    operation: str, path: str, why: str, *, before: bytes, after: bytes
) -> ManualStep:
    """Return the step that makes ``after`` of ``before``, whole lines at a time."""
    old, new = (lines_of(data.decode("utf-8", "replace")) for data in (before, after))
    first = _alike(old, new)
    same = _alike(old[first:][::-1], new[first:][::-1])
    last, end = len(old) - same, len(new) - same
    where, begin = Where.INSTEAD, first
    if first == last and first and old[first - 1].strip():
        where, first = Where.BELOW, first - 1
    elif first == last and last < len(old) and old[last].strip():
        where, last = Where.ABOVE, last + 1
    else:
        # A blank line at either end of an anchor cannot be seen in what is printed.
        while first and not (first < last and old[first].strip()):
            first, begin = first - 1, begin - 1
        while last < len(old) and not old[last - 1].strip():
            last, end = last + 1, end + 1
    return ManualStep(
        operation=operation,
        path=path,
        why=why,
        snippet="\n".join(new[begin:end]),
        place=Place(where=where, anchor="\n".join(old[first:last]), line=first + 1),
    )


def lines_of(text: str) -> list[str]:
    """Return the lines as editors and parsers count them.

    ``splitlines`` would also end one at a form feed and at other rare characters.
    """
    return text.replace("\r\n", "\n").split("\n")


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return with how many equal elements both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    differing = (number for number, (a, b) in pairs if a != b)
    return next(differing, min(len(one), len(other)))


def next_to(source: bytes, node: Node, *, above: bool) -> Place:
    """Return the place above the first line of ``node``, or below its last one."""
    lines = lines_of(source.decode("utf-8", "replace"))
    number = node.start_point[0] if above else _last_line(node)
    where = Where.ABOVE if above else Where.BELOW
    return Place(where=where, anchor=lines[number], line=number + 1)


def indentation(source: bytes, node: Node) -> str:
    """Return what is before ``node`` on its line: blanks, where it begins one."""
    start = source.rfind(b"\n", 0, node.start_byte) + 1
    return source[start : node.start_byte].decode("utf-8", "replace")


def renumbered(step: ManualStep, staging: Staging) -> ManualStep:
    """Return the step with the line that its anchor has after all edits."""
    place = step.place
    if not place.anchor:
        return step
    lines = lines_of(staging.text(step.path) or "")
    wanted = place.anchor.split("\n")
    found = [
        number
        for number in range(1, len(lines) + 1)
        if lines[number - 1 : number - 1 + len(wanted)] == wanted
    ]
    if not found:
        return step
    nearest = min(found, key=lambda number: abs(number - place.line))
    return replace(step, place=replace(place, line=nearest))


def _last_line(node: Node) -> int:
    """Return the line that a node ends on; a block's end is on the next one."""
    row, column = node.end_point
    return row - 1 if column == 0 and row > node.start_point[0] else row
