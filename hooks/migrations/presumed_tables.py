"""Whether a chain of revisions makes every table that it changes.

A chain that began when the database was there already changes tables that no revision
makes: on an empty database it fails, and the project makes a new one otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Evidence
from .table_names import changed_tables, made_tables

if TYPE_CHECKING:
    from .graph import Graph

# Names that are no literal, tables of the models, and files of SQL are not followed.
_OPAQUE = re.compile(
    r"create_table\(\s{0,99}[^\s\"']|create_all\(|\bopen\(|read_text\(|\.sql\b"
)


def presumed_table(graph: Graph) -> tuple[str, Evidence] | None:
    """Return a table that is changed and never made, with the revision that does."""
    if any(_OPAQUE.search(revision.source) for revision in graph.revisions):
        return None
    made = {name for r in graph.revisions for name, _ in made_tables(r.source)}
    for revision in graph.revisions:
        for table in changed_tables(revision.source):
            if table not in made:
                why = f"changes the table {table}, which no revision makes"
                return table, Evidence(path=revision.path, why=why)
    return None
