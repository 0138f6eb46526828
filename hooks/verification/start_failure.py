"""Why a part of ``dev:all`` could not start, in one line, from what it printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..explain.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ENDED = re.compile(r"(?m)^(database|migrate|auth|api) ended with code \d+: (.*)$")
_WHAT = {
    "api": "FastAPI could not start",
    "auth": "the auth server could not start",
    "migrate": "the migration failed",
    "database": "the database could not start",
}
# Python's and Node's way to end a program: ModuleNotFoundError: No module named 'x'.
_ERROR = re.compile(
    r"(?:[A-Za-z_]\w{0,99}\.){0,20}(?:\w{0,99}Error|\w{0,99}Exception|SystemExit)\b"
)
_NEXT = re.compile(
    r"(?:[A-Z]+: |\s{1,99}(?:at |File |For further )|During |The above |Node\.js )"
)
# In the project: what begins there has lost the folder's own path.
_PYTHON_FRAME = re.compile(r'^\s{1,99}File "([^/<].*)", line (\d+)')
_NODE_FRAME = re.compile(
    r"^\s{1,99}at (?:.*\()?(?:file://)?([^/():\s]+/[^():\s]+):(\d+):\d+\)?$"
)
_INSTALLED = {".venv", "venv", "site-packages", "node_modules"}
_LONGEST = 300


def why_it_ended(printed: str, root: Path) -> str:
    """Return what ended, its error and the project's line, from the whole output.

    Where no part says that it ended, the last line is returned as it is.
    """
    ended = _ENDED.search(printed)
    lines = printed.strip().replace(f"{root}/", "").splitlines()
    if ended is None:
        return _short(lines[-1:])
    said = [
        line.partition("| ")[2]
        for line in lines
        if re.match(rf"{ended[1]} +\| ", line) is not None
    ]
    return f"{_WHAT[ended[1]]}: {_cause(said) or ended[2]}"


def _cause(said: Sequence[str]) -> str:
    """Return the last error with the innermost line of the project's own code."""
    errors = [number for number, line in enumerate(said) if _ERROR.match(line)]
    if not errors:
        return _short(said[-1:])
    last = errors[-1]
    # What an error goes on to say, as pydantic's does field by field; not the values.
    text = [said[last]]
    for line in said[last + 1 :]:
        if _NEXT.match(line):
            break
        text.append(line.partition(" [type=")[0])
    place = _own_place(said)
    return _short(text) + (f" ({place})" if place else "")


def _own_place(said: Sequence[str]) -> str:
    """Return ``path:line`` of the innermost frame in the project's own files.

    Python prints it last, Node first.
    """
    python, node = (
        [
            f"{frame[1]}:{frame[2]}"
            for line in said
            if (frame := pattern.match(line))
            and not _INSTALLED & {*frame[1].split("/")}
        ]
        for pattern in (_PYTHON_FRAME, _NODE_FRAME)
    )
    return next(iter([*python[-1:], *node]), "")


def _short(lines: Sequence[str]) -> str:
    text = redacted(" ".join(line.strip() for line in lines if line.strip()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
