"""Manual steps whose text can be typed where they say, to the letter.

A step that another edit's change moved gets the new line number in the end.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from ..model import ManualStep, Place, Where

if TYPE_CHECKING:
    from tree_sitter import Node

    from .staging import Staging


def as_step(
    operation: str, path: str, why: str, *, before: bytes, after: bytes
) -> ManualStep:
    """Return the step that makes ``after`` of ``before``, whole lines at a time."""
    old, new = (
        data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        for data in (before, after)
    )
    changes = [
        change
        for change in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
        if change[0] != "equal"
    ]
    first, last = changes[0][1], changes[-1][2]
    written = new[changes[0][3] : changes[-1][4]]
    if first == last and first:
        where, first = Where.BELOW, first - 1
    elif first == last:
        where, last = Where.ABOVE, 1
    else:
        where = Where.INSTEAD
    return ManualStep(
        operation=operation,
        path=path,
        why=why,
        snippet="\n".join(written),
        place=Place(where=where, anchor="\n".join(old[first:last]), line=first + 1),
    )


def next_to(source: bytes, node: Node, *, above: bool) -> Place:
    """Return the place above the first line of ``node``, or below its last one."""
    lines = source.decode("utf-8", "replace").splitlines()
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
    lines = (staging.text(step.path) or "").splitlines()
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
