"""Env files: read as the auth server reads them, and changed one value at a time.

Read by hand and not by python-dotenv: that ends a bare value at a blank before ``#``,
Node's ``parseEnv`` at the ``#`` itself, and it is Node that must find these values.
"""

from __future__ import annotations

import re

_ENTRY = re.compile(
    r"""^[ \t]*+(?:export[ \t]++)?(?P<key>[A-Za-z_]\w*+)[ \t]*+=[ \t]*+
        (?:"(?P<double>[^"\n]*)"[ \t]*+|'(?P<single>[^'\n]*)'[ \t]*+|(?P<bare>[^#\n]*+))
        (?:\#.*)?$""",
    re.MULTILINE | re.VERBOSE,
)


def entries(text: str) -> dict[str, str]:
    """Read an env file's entries; a later one wins, comments and noise are skipped."""
    return {
        match["key"]: match["double"]
        or match["single"]
        or (match["bare"] or "").rstrip()
        for match in _ENTRY.finditer(text)
    }


def line_of(text: str, name: str) -> int:
    """Return the line of the entry that counts, from 1 on; 0 where there is none."""
    source = text.encode()
    found = _counting(source, name)
    return source.count(b"\n", 0, found.start()) + 1 if found else 0


def replaced(source: bytes, name: str, old: str, new: str) -> bytes:
    """Write ``new`` instead of ``old`` in the value that counts, once."""
    found = _counting(source, name)
    if found is None:
        return source
    changed = found["value"].replace(old.encode(), new.encode(), 1)
    return source[: found.start("value")] + changed + source[found.end("value") :]


def emptied(source: bytes, name: str) -> bytes:
    """Take the value of a variable away, and what follows it on its line."""
    return _assignment(name).sub(rb"\g<start>", source)


def _counting(source: bytes, name: str) -> re.Match[bytes] | None:
    """Return the last entry of a name, which wins over those before it."""
    return max(_assignment(name).finditer(source), key=re.Match.start, default=None)


def _assignment(name: str) -> re.Pattern[bytes]:
    return re.compile(
        rb"(?m)^(?P<start>[ \t]*+(?:export[ \t]++)?%s[ \t]*+=)(?P<value>[^\r\n]*+)"
        % re.escape(name.encode())
    )
