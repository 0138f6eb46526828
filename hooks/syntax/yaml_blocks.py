"""Insertions into YAML that leave every other byte as it is."""

from __future__ import annotations

import re


def newline_of(source: str) -> str:
    """Return the line ending that a text uses."""
    return "\r\n" if "\r\n" in source else "\n"


def block_end(lines: list[str], start: int) -> int:
    """Return the line, from 0, after the last one of the block that begins at a key.

    Empty lines and comments at its end belong to what follows, or to nothing.
    """
    indent = indentation(lines[start])
    end = len(lines)
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        inside = indentation(line)
        is_item = line.lstrip().startswith("- ") and inside == indent
        if inside <= indent and not is_item:
            end = number
            break
    while end > start + 1 and (
        not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")
    ):
        end -= 1
    return end


def indentation(line: str) -> int:
    """Return how many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def appended(source: str, key: str, block: str) -> str | None:
    """Add a block at the end of a top-level mapping, in its own indentation.

    An empty line goes before it where the mapping's own entries are apart.
    """
    lines = source.splitlines()
    start = next(
        (n for n, line in enumerate(lines) if re.match(rf"{key}\s*:", line)), None
    )
    if start is None:
        return None
    end = block_end(lines, start)
    inner = [line for line in lines[start + 1 : end] if line.strip()]
    first = next((text for text in inner if not text.lstrip().startswith("#")), "")
    margin = " " * indentation(first)
    entries = [text for text in inner if re.match(rf"{margin}[^\s#-]", text)]
    spaced = len(entries) > 1 and not all(line.strip() for line in lines[start:end])
    added = [f"{margin}{line}" if line else "" for line in block.splitlines()]
    return inserted(source, end, ["", *added] if spaced else added)


def inserted(source: str, at: int, added: list[str]) -> str:
    """Put lines before the line number ``at``, with the text's own line ends."""
    newline = newline_of(source)
    lines = source.splitlines(keepends=True)
    above = lines[:at]
    if above and not above[-1].endswith("\n"):
        above[-1] += newline
    return "".join([*above, *(f"{line}{newline}" for line in added), *lines[at:]])
