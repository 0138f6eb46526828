"""Fill a project's own Markdown template, or ours, so that nothing is left open."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Z][A-Z0-9_]*)\s*\}\}|\[([A-Z][A-Z0-9_]{2,})\]")
_FRONT_MATTER = re.compile(r"\A---\r?\n(.*?\n)---\r?\n", re.DOTALL)
_NUMBERED = re.compile(r"^(\d{1,5})-")


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return ``template`` with every placeholder filled, unknown ones with ``none``.

    In YAML front matter a value becomes a scalar that YAML reads as that very text;
    a placeholder that stands alone on its line takes lines of its own.
    """
    front = _FRONT_MATTER.match(template)
    if front is None:
        return _body(template, values)
    head = "".join(
        _yaml_line(line, values) for line in front[1].splitlines(keepends=True)
    )
    return f"---\n{head}---\n{_body(template[front.end() :], values)}"


def next_number(names: list[str]) -> int:
    """Return the number after the highest that ``names`` begin with."""
    found = (_NUMBERED.match(name) for name in names)
    return max((int(match[1]) for match in found if match), default=0) + 1


def _body(text: str, values: Mapping[str, str]) -> str:
    without_hints = re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
    return _PLACEHOLDER.sub(lambda m: values.get(m[1] or m[2], "none"), without_hints)


def _yaml_line(line: str, values: Mapping[str, str]) -> str:
    alone = re.fullmatch(r"\s*\{\{\s*(\w+)\s*\}\}\s*", line)
    if alone:
        return f"{values.get(alone[1], '  - none')}\n"
    in_list = re.search(r"\[\s*\{\{\s*(\w+)\s*\}\}\s*\]", line)
    if in_list:  # already a list of plain words
        return line.replace(in_list[0], f"[{values.get(in_list[1], '')}]")
    return _PLACEHOLDER.sub(lambda m: _scalar(values.get(m[1] or m[2], "none")), line)


def _scalar(value: str) -> str:
    """Quote a value as YAML and JSON both read it; YAML takes printable text only."""
    printable = "".join(c if c.isprintable() else " " for c in value)
    return json.dumps(printable, ensure_ascii=False)
