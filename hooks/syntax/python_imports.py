"""The import statements of Python source, read without a parser where that is certain.

A large project has thousands of files, and of most of them nothing but their imports is
asked. What this reading is not sure of (a statement after a semicolon, a line that goes
on after a backslash) it leaves to the parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOM = b"\xef\xbb\xbf"
_IMPORT = b"import"
_BEGINS = re.compile(rb"[ \t]*(?:from|import)\b")
_AFTER_ANOTHER = re.compile(rb"[;:][ \t]*(?:from|import)\b")
# Line ends that only old Macs had, and what is none to a parser.
_ODD_LINES = re.compile(rb"\r(?!\n)|\x0c")
_NAMES = rb"\((?:[^()#\\]|#[^\n]*)*+\)|[^\n\r;#()\\]++(?=[\n\r;#]|\Z)"
_PART = rb"[^\s.,;#()\\\"'=]++"
_STATEMENT = re.compile(
    rb"[ \t]*(?:import[ \t]+(?P<modules>[^\n\r;#()\\]++)(?=[\n\r;#]|\Z)"
    rb"|from[ \t]*+(?P<dots>\.*+)(?P<module>" + _PART + rb"(?:\." + _PART + rb")*+)?"
    rb"[ \t]*+\bimport\b[ \t]*+(?P<names>" + _NAMES + rb"))"
)
_ALIASED = re.compile(r"([^\s,.]+(?:\.[^\s,.]+)*)(?:\s+as\s+([^\s,.]+))?|\*")
_COMMENT = re.compile(r"#[^\n]*")
# A comment, or a string as far as it goes: what is in it is no code.
_LITERAL = re.compile(
    rb"#[^\n]*+"
    rb"|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+(?:\"\"\"|\\?\Z)"
    rb"|'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\\?\Z)"
    rb"|\"(?:[^\"\\\n]|\\.)*+\"?"
    rb"|'(?:[^'\\\n]|\\.)*+'?",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """One name that an import statement binds: ``from module import name as alias``.

    ``name`` is empty for ``import module``. ``level`` counts the leading dots. The
    statement begins at the byte ``start``, on ``line``, counted from 1.
    """

    module: str
    name: str
    alias: str
    level: int
    start: int
    line: int


def written_imports(source: bytes) -> tuple[Import, ...] | None:
    """Return every import of a file in order; ``None`` where a parser must tell."""
    begun = _begun(source)
    if not begun:
        return () if begun is not None else None
    found: list[Import] = []
    line, counted = 1, 0
    for start in _outside_literals(source, begun):
        statement = _STATEMENT.match(source, start)
        if statement is None or source[start - 2 : start] in {b"\\\n", b"\r\n"}:
            return None
        line += source.count(b"\n", counted, start)
        counted = start
        read = _read(statement, line)
        if read is None:
            return None
        found += read
    return tuple(found)


def _begun(source: bytes) -> list[int] | None:
    """Return where lines begin that may be imports; ``None`` where that is not sure."""
    starts: list[int] = []
    at = source.find(_IMPORT)
    is_odd = source.startswith(_BOM) or b"\r" in source or b"\x0c" in source
    if at >= 0 and is_odd and (source.startswith(_BOM) or _ODD_LINES.search(source)):
        return None
    while at >= 0:
        start = source.rfind(b"\n", 0, at) + 1
        end = source.find(b"\n", at)
        end = len(source) if end < 0 else end
        if _AFTER_ANOTHER.search(source, start, end):
            return None
        if _BEGINS.match(source, start):
            starts.append(start)
        at = source.find(_IMPORT, end)
    return starts


def _outside_literals(source: bytes, starts: list[int]) -> list[int]:
    """Keep what is not within a string of several lines."""
    if not starts or (b'"""' not in source and b"'''" not in source):
        return starts
    kept: list[int] = []
    waiting = iter(starts)
    start = next(waiting, None)
    for literal in _LITERAL.finditer(source):
        while start is not None and start < literal.start():
            kept.append(start)
            start = next(waiting, None)
        while start is not None and start < literal.end():
            start = next(waiting, None)
        if start is None:
            return kept
    return [*kept, *([] if start is None else [start, *waiting])]


def _read(statement: re.Match[bytes], line: int) -> list[Import] | None:
    start = statement.start() + len(statement[0]) - len(statement[0].lstrip())
    if statement["modules"] is not None:
        return _modules(statement["modules"].decode(errors="replace"), start, line)
    module = (statement["module"] or b"").decode(errors="replace")
    level = len(statement["dots"])
    if not module and not level:
        return None
    if module == "__future__":
        return []
    names = _COMMENT.sub("", statement["names"].decode(errors="replace"))
    listed = list(_listed(names.strip("()")))
    if not listed or None in listed:
        return None
    return [
        Import(
            module=module,
            name=name,
            alias=alias or name,
            level=level,
            start=start,
            line=line,
        )
        for name, alias in filter(None, listed)
    ]


def _modules(written: str, start: int, line: int) -> list[Import] | None:
    listed = list(_listed(written))
    if not listed or None in listed:
        return None
    return [
        Import(
            module=name,
            name="",
            alias=alias or name.partition(".")[0],
            level=0,
            start=start,
            line=line,
        )
        for name, alias in filter(None, listed)
    ]


def _listed(written: str) -> Iterator[tuple[str, str] | None]:
    """Yield each name with its alias; ``None`` for what is neither."""
    for part in written.split(","):
        if part.strip():
            found = _ALIASED.fullmatch(part.strip())
            yield None if found is None else (found[1] or "*", found[2] or "")
