"""Names in PostgreSQL: which must be quoted, and how a long one is cut."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 63
# Where a word begins within a name; a run of capitals is one word.
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# PostgreSQL's documentation, appendix C: reserved, or only a function or type.
_WORDS = """
    all analyse analyze and any array as asc asymmetric authorization binary both case
    cast check collate collation column concurrently constraint create cross
    current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable desc distinct do else end except
    false fetch for foreign freeze from full grant group having ilike in initially inner
    intersect into is isnull join lateral leading left like limit localtime
    localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary references returning right select session_user similar some
    symmetric system_user table tablesample then to trailing true union unique user
    using variadic verbose when where window with
    """
_RESERVED = frozenset(_WORDS.split())


def snake_case(name: str) -> str:
    """Return better-auth's name as a column: ``two_factor`` for ``twoFactor``."""
    return _CAMEL.sub("_", name).lower().lstrip("_")


def quoted(name: str) -> str:
    """Return a name as SQL needs it: ``role``, but ``"order"`` and ``"isOwner"``."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return f'"{name}"'


def shortened(name: str) -> str:
    """Return a name that PostgreSQL keeps whole, different for different names."""
    if len(name) <= LONGEST:
        return name
    end = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST - 9]}_{end}"


def index_name(table: str, columns: Sequence[str], *, unique: bool) -> str:
    """Return better-auth's name for an index over columns that was given none."""
    kind = "uidx" if unique else "idx"
    name = f"{table}_{'_'.join(columns)}"
    if len(f"{name}_{kind}") <= LONGEST:
        return f"{name}_{kind}"
    end = f"_{_fnv(f'{name}_{kind}'):08x}_{kind}"
    return f"{name[: LONGEST - len(end)]}{end}"


def _fnv(text: str) -> int:
    """Return the 32 bits of Fowler, Noll and Vo's hash (FNV-1a)."""
    found = 2166136261
    for character in text:
        found = (found ^ ord(character)) * 16777619 % 2**32
    return found
