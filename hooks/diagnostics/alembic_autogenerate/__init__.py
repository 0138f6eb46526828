"""BA007: Alembic's autogenerate must leave the auth tables alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._check import Check
from . import broken_chain, empty_metadata, half_hidden_tables, unhidden_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project


class AlembicAutogenerate(Check):
    """Tables that are not among the models are leftovers to ``--autogenerate``.

    better-auth's tables are in the same database, so the next
    ``alembic revision --autogenerate`` proposes to drop them, with every account.
    Either the models have them, or a filter in ``env.py`` hides them. The fix adds the
    filter: ``include_object`` in every ``context.configure``. An ``include_name`` hides
    the tables that are there, not those of the models, so that with both autogenerate
    proposes to create them again. Also looked at: a chain of revisions with two ends,
    or with a link missing.
    """

    code = "BA007"
    name = "alembic-autogenerate"
    healthy = "autogenerate leaves the auth tables alone"
    proof = "env.py, models and the chain of revisions by syntax tree"
    example = "context.configure(..., include_object=leave_auth_tables)"
    broken = (
        *unhidden_tables.BROKEN,
        *half_hidden_tables.BROKEN,
        *empty_metadata.BROKEN,
        *broken_chain.BROKEN,
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Read ``env.py``, the models and the chain."""
        answers = project.answers
        if answers.auth_database_layer == "none":
            return  # their database is not the one that Alembic looks at
        if answers.migrated_by == "alembic":
            yield from broken_chain.find(project)
        path = project.alembic_env
        module = project.module(path) if path else None
        if path and module is not None:
            yield from empty_metadata.find(path, module)
            yield from half_hidden_tables.find(project, path, module)
            yield from unhidden_tables.find(project, path, module)
