"""Fill a project's own Markdown template, or ours, so that nothing is left open."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..syntax.visible import visible
from ..syntax.yaml import YAMLError, load_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    # A list fills `[...]` and lines of its own; in a sentence it is joined.
    Values = Mapping[str, str | tuple[str, ...]]

# {{NAME}}, {{ONE | OTHER}}, [NAME], [YYYY-MM-DD], [###-feature-name]: never a link, a
# task's box or a note.
_PLACEHOLDER = re.compile(
    r"\{\{([^{}\n]++)\}\}"
    r"|\[([A-Z][A-Z0-9_]{1,}|YYYY-MM-DD|###-[\w-]+)\](?![(:\[])"
)
_FRONT_MATTER = re.compile(r"\A---\r?\n(.*?\n)---\r?\n", re.DOTALL)
_FENCED_PROMPT = re.compile(
    r"(?m)^```\w*\n(\{\{\s{0,99}PROMPT(?:_TEXT)?\s{0,99}\}\})\n```$"
)
_NUMBERED = re.compile(r"^(?:ADR|PHR)?[-_]?(\d{1,5})[-_.]", re.IGNORECASE)
# `key: "text"  # what may be there`
_HEAD = re.compile(r"\s*+(?:-\s++)?(?:[\w-]++:\s*+)?")
_NOTE = re.compile(r"(?<!\s)\s++\#")
# What templates in use call the same thing.
_ALIASES = {
    "BRANCH_NAME": "BRANCH",
    "DATE": "DATE_ISO",
    "EVALUATION": "GRADER_RESULTS",
    "FEATURE_NAME": "FEATURE",
    "FILES": "FILES_YAML",
    "FILE_LIST": "FILES_YAML",
    "LABEL": "LABELS",
    "LABELS_YAML": "LABELS",
    "NEXT_STEPS": "NEXT_EXPERIMENT",
    "NNN": "ID",
    "OUTCOME": "OUTCOME_IMPACT",
    "PROMPT": "PROMPT_TEXT",
    "RESPONSE": "RESPONSE_TEXT",
    "RESPONSE_SUMMARY": "RESPONSE_TEXT",
    "TESTS": "TESTS_YAML",
    "VARIANTS": "PROMPT_VARIANT_ID",
    "YYYY-MM-DD": "DATE_ISO",
    **{f"{kind}_LINK": f"LINKS_{kind}" for kind in ("SPEC", "TICKET", "ADR", "PR")},
    **{f"LINK_{kind}": f"LINKS_{kind}" for kind in ("SPEC", "TICKET", "ADR", "PR")},
}


def filled(template: str, values: Values, *, chosen: frozenset[str]) -> str:
    """Return ``template`` with every placeholder filled, unknown ones with ``none``.

    In YAML front matter a value becomes a scalar that YAML reads as that very text, a
    list a list; a placeholder alone on its line takes lines of its own. Of several
    words to choose from (``{{YES | NO}}``) the one that is ``chosen`` stays.
    """
    front = _FRONT_MATTER.match(template)
    if front is None:
        return trimmed(_body(template, values, chosen))
    head = "".join(
        _yaml_line(line, values, chosen) for line in front[1].splitlines(keepends=True)
    )
    body = _body(template[front.end() :], values, chosen)
    return trimmed(f"---\n{head}---\n{body}")


def trimmed(text: str) -> str:
    """Return a text whose lines end with no blanks, which git would call a mistake."""
    return "\n".join(line.rstrip() for line in text.split("\n"))


def is_sound(text: str, *, holds: tuple[str, ...]) -> bool:
    """Return True if a filled template is what it should be.

    A template that is broken, or about something else, is found by what becomes of it:
    front matter that is no YAML, or a text without what it is for.
    """
    if any(trimmed(part) not in text for part in holds) or re.search(
        r"(?m)^<{7} ", text
    ):
        return False
    front = _FRONT_MATTER.match(text)
    if front is None:
        return not text.startswith("---\n")
    try:
        return isinstance(load_yaml(front[1]), dict)
    except YAMLError:
        return False


def next_number(names: list[str]) -> int:
    """Return the number after the highest that ``names`` begin with."""
    found = (_NUMBERED.match(name) for name in names)
    return max((int(match[1]) for match in found if match), default=0) + 1


def fill_text(text: str, values: Values, chosen: frozenset[str]) -> str:
    """Return text with its placeholders filled, once: a value is never filled again."""
    return _PLACEHOLDER.sub(
        lambda m: _joined(_value(m[1] or m[2], values, chosen)), text
    )


def _body(text: str, values: Values, chosen: frozenset[str]) -> str:
    # A prompt brings its own fence; within one of the template's it would end it.
    bare = _FENCED_PROMPT.sub(r"\1", text)
    return fill_text(without_comments(bare), values, chosen)


def without_comments(text: str) -> str:
    """Return a Markdown text without its comments, and the line ends after them."""
    kept: list[str] = []
    rest = text
    while True:
        before, opened, after = rest.partition("<!--")
        _, closed, rest_after = after.partition("-->")
        if not closed:
            return "".join(kept) + before + opened + after
        kept.append(before)
        rest = rest_after.removeprefix("\n")


def _value(name: str, values: Values, chosen: frozenset[str]) -> str | tuple[str, ...]:
    name = name.strip()
    if "|" in name:
        options = [option.strip() for option in name.split("|")]
        return next((o for o in options if o.upper() in chosen), options[-1])
    if name.startswith("###-"):
        name = "FEATURE"
    key = re.sub(r"\W+", "_", name.upper()) if "-" not in name else name
    key = key.removesuffix("_IF_ANY")
    return values.get(key) or values.get(_ALIASES.get(key, key)) or "none"


def _joined(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _yaml_line(line: str, values: Values, chosen: frozenset[str]) -> str:
    alone = re.fullmatch(r"\s*+\{\{([^{}]++)\}\}\s*+", line)
    if alone:
        value = _value(alone[1], values, chosen)
        listed = (value,) if isinstance(value, str) else value
        return "".join(f"  - {_scalar(item)}\n" for item in listed)
    in_list = re.search(r"\[\s*+\{\{([^{}]++)\}\}\s*+\]", line)
    if in_list:
        return line.replace(in_list[0], _flow(_value(in_list[1], values, chosen)))
    found = _scalar_line(line.rstrip("\r\n"))
    if found is None:
        return line
    head, written, note = found
    whole = _PLACEHOLDER.fullmatch(written)
    value = _value(whole[1] or whole[2], values, chosen) if whole else ""
    if isinstance(value, tuple) and not head.strip().startswith("-"):
        text = _flow(value)
    else:
        text = _scalar(fill_text(written, values, chosen))
    return f"{head}{text}{note}\n"


def _scalar_line(line: str) -> tuple[str, str, str] | None:
    """Split ``key: "text {{X}}"  # note``; ``None`` for a line without placeholder."""
    head = _HEAD.match(line)
    rest = line[head.end() :] if head else line
    last = rest.rfind("}}") + 2
    if not 0 <= rest.find("{{") < last - 2:
        return None
    quote, tail = rest[:1], rest[last:]
    if quote in {'"', "'"}:
        closed = tail.rfind(quote) if "#" not in tail else tail.find(quote)
        note = tail[closed + 1 :]
        if closed >= 0 and (not note or note.lstrip()[:1] == "#" != note[:1]):
            return line[: -len(rest)], rest[1 : last + closed], note
    note_at = _NOTE.search(tail)
    end = last + note_at.start() if note_at else len(rest)
    return line[: -len(rest)], rest[:end], rest[end:]


def _flow(value: str | tuple[str, ...]) -> str:
    listed = (value,) if isinstance(value, str) else value
    return f"[{', '.join(_scalar(item) for item in listed)}]"


def _scalar(value: str) -> str:
    """Quote a value as YAML and JSON both read it; YAML takes printable text only."""
    return json.dumps(visible(value), ensure_ascii=False)
