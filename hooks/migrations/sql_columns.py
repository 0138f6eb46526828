"""What SQL does to the columns of some tables.

Read by patterns and not by a parser: one action that a parser does not know loses it
the whole statement, and migrations hold what only their tool and plpgsql understand.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from .column_changes import ColumnChange

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_S = r"\s{1,99}"
_NAME = r"([\w.\"]{1,200})"
_CREATE = re.compile(
    rf"(?i)\bcreate{_S}(?:(?:temp|temporary|unlogged){_S})?"
    rf"table{_S}(?:if{_S}not{_S}exists{_S})?{_NAME}\s{{0,99}}\("
)
_ALTER = re.compile(
    rf"(?i)\balter{_S}table{_S}(?:only{_S}|if{_S}exists{_S}){{0,2}}{_NAME}{_S}"
)
_DROP = re.compile(rf"(?i)\bdrop{_S}table{_S}(?:if{_S}exists{_S})?{_NAME}")
_ACTION = re.compile(
    rf"(?is)\s{{0,99}}(?P<what>add|alter|drop|rename){_S}(?:column{_S})?"
    rf"(?:if{_S}(?:not{_S})?exists{_S})?\"?(?P<column>\w+)\"?(?P<rest>.*)"
)
_ENTRY = re.compile(r"(?s)\s{0,99}\"?(?P<column>\w+)\"?(?P<rest>.*)")
_TYPE = re.compile(r"(?i)\s{1,99}([a-z][\w.]*)(?:\s{1,99}(varying|precision))?")
_RETYPED = re.compile(rf"(?i)\s{{1,99}}(?:set{_S}data{_S})?type(?=\s)")
_RENAMED = re.compile(r"(?i)\s{1,99}to\s{1,99}\"?(\w+)")
_NAMED = re.compile(r"(?i)\s{0,99}rename\s{1,99}to\s{1,99}\"?(\w{1,99})")
_FILLED = re.compile(r"(?i)\bdefault\b|\bgenerated\b|serial\b|\bprimary\s+key\b")
_NOT_NULL = re.compile(r"(?i)\bnot\s+null\b")
_ZONED = re.compile(r"(?i)\bwith\s+time\s+zone\b|\btimestamptz\b")
_NO_COLUMN = frozenset(
    {"constraint", "primary", "foreign", "unique", "check", "exclude", "like", "to"}
)
# The part of a file that dbmate, goose and sql-migrate run on the way down.
_DOWN = re.compile(r"(?i)--\s{0,99}(?:migrate:|\+\w+\s{1,99})down")
_COMMENT = re.compile(r"(?s)--[^\n]*|/\*.*?(?:\*/|\Z)")


def upward(sql: str) -> str:
    """Return the part of a SQL migration that is run on the way up."""
    return _DOWN.split(sql)[0]


def sql_columns(sql: str, tables: Collection[str]) -> Iterator[ColumnChange]:
    """Yield what ``sql`` does to the columns of ``tables``, in its order.

    The changes have no path, and the lines of ``sql``.
    """
    if not any(table in sql for table in tables):
        return
    sql = _COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), sql)
    readers = ((_CREATE, _created), (_ALTER, _altered), (_DROP, _dropped))
    statements = [(f, read) for pattern, read in readers for f in pattern.finditer(sql)]
    statements.sort(key=lambda one: one[0].start())
    # One that never ends would else be read up to the end of the text, again and again.
    ends = [*(found.start() for found, _ in statements[1:]), len(sql)]
    breaks = [found.start() for found in re.finditer("\n", sql)]
    for (found, read), end in zip(statements, ends, strict=False):
        if (table := bare_name(found[1])) in tables:
            for change in read(table, found, end):
                yield replace(change, line=1 + bisect_left(breaks, change.line))


def bare_name(name: str) -> str:
    """Return a name of SQL without its quotes and its schema."""
    return name.replace('"', "").rpartition(".")[2]


# Until a change leaves this module its line is the place in the text.
def _created(table: str, found: re.Match[str], end: int) -> Iterator[ColumnChange]:
    for start, entry in _parts(found.string, found.end(), end):
        named = _ENTRY.match(entry)
        if named and named["column"].lower() not in _NO_COLUMN:
            at = start + named.start("column")
            yield _declared(table, named["column"], named["rest"], at)


def _altered(table: str, found: re.Match[str], end: int) -> Iterator[ColumnChange]:
    for start, action in _parts(found.string, found.end(), end):
        named = _ACTION.match(action)
        if named and named["what"].lower() == "rename" and (to := _NAMED.match(action)):
            yield ColumnChange(
                action="rename",
                table=table,
                column="",
                new_name=to[1],
                path="",
                line=start + named.start("what"),
            )
            continue
        if named is None or named["column"].lower() in _NO_COLUMN:
            continue
        column, rest = named["column"], named["rest"]
        at = start + named.start("what")
        match named["what"].lower():
            case "add":
                yield _declared(table, column, rest, at)
            case "drop":
                yield ColumnChange(
                    action="drop", table=table, column=column, path="", line=at
                )
            case "rename":
                if to := _RENAMED.match(rest):
                    yield ColumnChange(
                        action="rename",
                        table=table,
                        column=column,
                        new_name=to[1],
                        path="",
                        line=at,
                    )
            case _:
                yield _changed(table, column, rest, at)


def _dropped(table: str, found: re.Match[str], _: int) -> Iterator[ColumnChange]:
    yield ColumnChange(
        action="drop", table=table, column="", path="", line=found.start()
    )


def _declared(table: str, column: str, rest: str, at: int) -> ColumnChange:
    kind = _type(rest)
    return ColumnChange(
        action="declare",
        table=table,
        column=column,
        path="",
        line=at,
        type=kind,
        zoned=kind is not None and _ZONED.search(rest) is not None,
        takes_null=_NOT_NULL.search(rest) is None,
        has_default=_FILLED.search(rest) is not None,
    )


def _changed(table: str, column: str, rest: str, at: int) -> ColumnChange:
    retyped = _RETYPED.match(rest)
    kind = _type(rest[retyped.end() :]) if retyped else None
    words = " ".join(rest.lower().split())
    default = True if words.startswith("set default") else None
    return ColumnChange(
        action="alter",
        table=table,
        column=column,
        path="",
        line=at,
        type=kind,
        zoned=kind is not None and _ZONED.search(rest) is not None,
        takes_null={"set not null": False, "drop not null": True}.get(words),
        has_default=False if words == "drop default" else default,
    )


def _type(rest: str) -> str | None:
    written = _TYPE.match(rest)
    if written is None:
        return None
    return " ".join(filter(None, (bare_name(written[1]), written[2]))).lower()


def _parts(sql: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Split at commas, up to the statement's or a parenthesis' end, or ``end``."""
    depth, begin, at, quote = 0, start, start, ""
    for at in range(start, end):
        character = sql[at]
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif character in ");" and not depth:
            yield begin, sql[begin:at]
            return
        elif character == "," and not depth:
            yield begin, sql[begin:at]
            begin = at + 1
    if begin < end:
        yield begin, sql[begin:end]
