"""How the bytes of a text file become text, and text the same bytes again.

Not every list of packages is UTF-8: ``pip freeze > requirements.txt`` writes UTF-16 in
PowerShell, and pip reads it. What is written back is in the encoding that was there.
"""

from __future__ import annotations

import codecs

BOM = "\ufeff"
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def encoding_of(data: bytes) -> str:
    """Return the encoding that keeps every byte of ``data`` when it is written back."""
    if data[:2] in _MARKS:
        return _MARKS[data[:2]]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # Whatever it is, what is ASCII in it is, and each byte is one character.
        return "latin-1"
    return "utf-8"


def decoded(data: bytes) -> str:
    """Return the whole text; a byte order mark stays its first character."""
    if data[:2] not in _MARKS:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return data.decode(encoding_of(data), "replace")


def encoded(text: str, before: bytes | None) -> bytes:
    """Return ``text`` in the encoding of the file that it replaces."""
    return text.encode(encoding_of(before or b""), "replace")


def is_text(data: bytes) -> bool:
    """Return True if the beginning of a file looks like text."""
    return data[:2] in _MARKS or data.find(b"\0", 0, 8192) < 0
