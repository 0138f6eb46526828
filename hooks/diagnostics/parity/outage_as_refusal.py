"""A database that does not answer, taken for a bad credential."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...syntax.python import callee, calls, line, text
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from .._project import Project

_LOOK_UPS = {"execute", "fetch", "fetch_one", "fetchone", "fetchrow", "scalar"}

BROKEN = (
    Broken(
        title="an outage of the database taken for a bad credential",
        path="{package}/lookup.py",
        after=(
            "async def find(pool, token):\n    try:\n"
            '        return await pool.fetchrow("SELECT 1", token)\n'
            "    except Exception:\n        return None\n"
        ),
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Find where a database that does not answer is taken for a bad credential."""
    for path, module in project.modules.items():
        for node in module.nodes("try_statement"):
            if not _asks_database(node):
                continue
            for clause in node.children:
                if clause.type == "except_clause" and _takes_for_nobody(clause):
                    yield problem(
                        "a database that does not answer is taken for a bad credential",
                        path,
                        line(clause),
                        remedy="answer 503, and let only a missing row be 401",
                    )


def _asks_database(node: Node) -> bool:
    body = node.child_by_field_name("body")
    called = (callee(call) for call in calls(body)) if body else iter(())
    return any(name.rpartition(".")[2] in _LOOK_UPS for name in called)


def _takes_for_nobody(clause: Node) -> bool:
    """Return True if a clause catches all, or the driver's errors, and goes on."""
    block = clause.named_children[-1]
    caught = text(clause).partition(":")[0]
    everything = caught.strip() == "except" or re.search(
        r"\b(?:Base)?Exception\b|asyncpg|psycopg|SQLAlchemyError|OSError", caught
    )
    gives_up = re.search(
        r"\breturn None\b|NotAuthenticated|HTTP_401|\b401\b",
        text(block),
    )
    return bool(everything and gives_up)
