"""Offer the way over from tables that an earlier better-auth made with its defaults.

Data are never moved unasked: the step prints SQL that copies and takes nothing away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import ManualStep, Place, Skip, Where
from ..schema.earlier import carry_over, makes_earlier_tables

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "carry-over-earlier-tables"
_SCHEMAS = (".sql", ".prisma", ".py")


def carry_over_earlier_tables(
    integration: Integration, staging: Staging
) -> ManualStep | Skip:
    """Look for those tables in migrations and schemas, beside what is ours."""
    answers = integration.answers
    ours = (f"{answers.auth_package_dir}/", f"{answers.auth_server_dir}/node_modules/")
    for path in staging.repository.files:
        if not path.endswith(_SCHEMAS) or path.startswith(ours):
            continue
        text = staging.text(path) or ""
        if makes_earlier_tables(text):
            return ManualStep(
                operation=_OPERATION,
                path=path,
                why="people signed up with an earlier better-auth; once both have run",
                snippet=carry_over(answers, text),
                place=Place(where=Where.DATABASE),
            )
    why = "no tables of an earlier better-auth were found"
    return Skip(operation=_OPERATION, path=".", why=why)
