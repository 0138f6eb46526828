"""Where a further migration goes, in the project's own names and numbers."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .repository.migration_graph import Graph

_DEFAULT_TEMPLATE = "%(rev)s_%(slug)s"
_TIMESTAMP_DIGITS = len("20261231235959")


def problem_of(graph: Graph) -> str:
    """Say why no revision can follow; empty where there is one head, or none yet."""
    if graph.missing_parents:
        return f"the chain is broken: no file defines {graph.missing_parents[0]}"
    if len(graph.heads) > 1:
        heads = ", ".join(graph.heads)
        return f"there are {len(graph.heads)} heads ({heads}); merge them first"
    return ""


def next_revision(graph: Graph, slug: str) -> str:
    """Count on where revisions are numbered, else make a hash as Alembic's look."""
    ids = [revision.id for revision in graph.revisions]
    if ids and all(re.fullmatch(r"\d{1,6}", identity) for identity in ids):
        width = max(map(len, ids))
        return str(max(map(int, ids)) + 1).zfill(width)
    head = graph.heads[0] if graph.heads else None
    return hashlib.sha256(f"{head}:{slug}".encode()).hexdigest()[:12]


def revision_path(
    folder: str, template: str | None, revision: str, slug: str, now: datetime
) -> str:
    """Return the path that Alembic itself would give by its ``file_template``."""
    values = {"rev": revision, "slug": slug, "epoch": int(now.timestamp())}
    for part in ("year", "month", "day", "hour", "minute", "second"):
        values[part] = getattr(now, part)
    try:
        name = (template or _DEFAULT_TEMPLATE).replace("%%", "%") % values
    except (KeyError, TypeError, ValueError):
        name = _DEFAULT_TEMPLATE % values
    return f"{folder}/{name}.py"


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
