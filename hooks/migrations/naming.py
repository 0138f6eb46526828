"""Where a further migration goes, in the project's own names and numbers."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .graph import Graph

_DEFAULT_TEMPLATE = "%(rev)s_%(slug)s"
_TIMESTAMP_DIGITS = len("20261231235959")
_DATES = (len("20261231"), len("202612312359"), _TIMESTAMP_DIGITS)
# 0104, rev_104, 0104_add_orders: not a hash, which has letters and digits mixed.
_NUMBERED = re.compile(
    r"(?P<before>(?:[A-Za-z]+[_-]?)?)(?P<number>\d{1,14})(?P<after>(?:[_-]\w[\w-]*)?)"
)


def problem_of(graph: Graph) -> str:
    """Say why no revision can follow; empty where there is one head, or none yet."""
    if graph.missing_parents:
        return f"the chain is broken: no file defines {graph.missing_parents[0]}"
    if len(graph.heads) > 1:
        heads = ", ".join(graph.heads)
        return f"there are {len(graph.heads)} heads ({heads}); merge them first"
    return ""


def next_revision(graph: Graph, slug: str) -> str:
    """Count on where revisions are numbered, else make a hash as Alembic's look.

    A number may have a prefix or a name: ``0104``, ``rev_104``, ``0104_add_orders``.
    """
    ids = [revision.id for revision in graph.revisions]
    if number := _next_number([*ids], graph.heads):
        before, digits, after = number
        return f"{before}{digits}{after[:1] + slug if after else ''}"
    head = graph.heads[0] if graph.heads else None
    return hashlib.sha256(f"{head}:{slug}".encode()).hexdigest()[:12]


def revision_file(
    graph: Graph, template: str | None, revision: str, slug: str, now: datetime
) -> str:
    """Return the name that Alembic itself would give by its ``file_template``.

    Without one, the names of the other files are followed.
    """
    if template is None and (name := _like(graph, revision, slug)):
        return f"{name}.py"
    values = {"rev": revision, "slug": slug, "epoch": int(now.timestamp())}
    for part in ("year", "month", "day", "hour", "minute", "second"):
        values[part] = getattr(now, part)
    try:
        name = (template or _DEFAULT_TEMPLATE).replace("%%", "%") % values
    except (KeyError, TypeError, ValueError):
        name = _DEFAULT_TEMPLATE % values
    return f"{name}.py"


def _like(graph: Graph, revision: str, slug: str) -> str:
    """Return a name like those of the files that were written by hand, or ""."""
    stems = {r.id: PurePosixPath(r.path).stem for r in graph.revisions}
    if stems and all(stem == identity for identity, stem in stems.items()):
        return revision
    if any(stem.startswith(identity) for identity, stem in stems.items()):
        return ""  # as Alembic names them
    heads = [stems[head] for head in graph.heads if head in stems]
    number = _next_number([*stems.values()], heads)
    return f"{number[0]}{number[1]}_{slug}" if number else ""


def _next_number(
    names: Sequence[str], last: Sequence[str]
) -> tuple[str, str, str] | None:
    """Return prefix, next number and what follows it in the newest of ``names``.

    ``None`` where the newest, and half of all, follow no numbering.
    """
    found = [m for name in names if (m := _NUMBERED.fullmatch(name))]
    newest = [m for name in last if (m := _NUMBERED.fullmatch(name))]
    if not newest or len(newest) < len(last) or 2 * len(found) < len(names):
        return None
    highest = max(newest, key=lambda m: int(m["number"]))
    alike = [m for m in found if m["before"] == highest["before"]]
    digits = highest["number"]
    if digits.startswith("20") and len(digits) in _DATES:
        today = datetime.now(UTC).strftime("%Y%m%d%H%M%S")[: len(digits)]
        return highest["before"], max(digits, today), highest["after"]
    number = max(int(m["number"]) for m in alike) + 1
    return highest["before"], str(number).zfill(len(digits)), highest["after"]


def sql_path(folder: str, names: Sequence[str], slug: str) -> str | None:
    """Return the path after ``names``; ``None`` where these follow no numbering."""
    numbers = [found[1] for name in names if (found := re.match(r"(\d+)[_-]", name))]
    if len(numbers) != len(names):
        return None
    width = max(map(len, numbers), default=3)
    number = str(max(map(int, numbers), default=0) + 1).zfill(width)
    if width == _TIMESTAMP_DIGITS:
        number = max(number, datetime.now(UTC).strftime("%Y%m%d%H%M%S"))
    return f"{folder}/{number}_{slug}.sql"
