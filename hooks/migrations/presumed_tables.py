"""Whether a chain of revisions makes every table that it changes.

A chain that began when the database was there already changes tables that no revision
makes: on an empty database it fails, and the project makes a new one otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Evidence

if TYPE_CHECKING:
    from .graph import Graph

_MADE = re.compile(
    r"""(?ix)create_table\(\s{0,99}["'](\w{1,99})
    | rename_table\(\s{0,99}["']\w{1,99}["']\s{0,99},\s{0,99}["'](\w{1,99})
    | CREATE\s{1,99}TABLE\s{1,99}(?:IF\s{1,99}NOT\s{1,99}EXISTS\s{1,99})?
      (?:\w{1,99}\.)?["`]?(\w{1,99})"""
)
_CHANGED = re.compile(
    r"""(?x)\b(?:add_column|alter_column|drop_column|batch_alter_table|drop_constraint
    \(\s{0,99}[^,]{1,199},)\(?\s{0,99}["'](\w{1,99})["']"""
)
# Names that are no literal, tables of the models, and files of SQL are not followed.
_OPAQUE = re.compile(
    r"create_table\(\s{0,99}[^\s\"']|create_all\(|\bopen\(|read_text\(|\.sql\b"
)
_UPGRADE = re.compile(r"(?s)^def upgrade\b.*?(?=^def |\Z)", re.MULTILINE)


def presumed_table(graph: Graph) -> tuple[str, Evidence] | None:
    """Return a table that is changed and never made, with the revision that does."""
    if any(_OPAQUE.search(revision.source) for revision in graph.revisions):
        return None
    made = {
        name
        for revision in graph.revisions
        for found in _MADE.findall(revision.source)
        for name in found
        if name
    }
    for revision in graph.revisions:
        upgrade = _UPGRADE.search(revision.source)
        for table in _CHANGED.findall(upgrade[0] if upgrade else ""):
            if table not in made:
                why = f"changes the table {table}, which no revision makes"
                return table, Evidence(path=revision.path, why=why)
    return None
