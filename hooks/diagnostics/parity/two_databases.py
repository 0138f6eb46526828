"""Two servers that use two databases."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...env.database_url import development_url, place_of
from ...repository.compose import on_this_machine
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

BROKEN = (
    Broken(
        title="two databases",
        path="{backend}/.env",
        after="DATABASE_URL=postgresql://app@db.example.com:5432/other\n",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Compare where both ``DATABASE_URL`` lead."""
    ours = project.variables.get("DATABASE_URL", "")
    answers = project.answers
    if not answers.shares_database or answers.auth_database_layer == "none":
        return
    if not urlsplit(ours).hostname:
        return
    theirs = development_url(project.text, project.backend) or ""
    # A name of the compose network is, from here, the port that it publishes.
    theirs = on_this_machine(answers.auth_compose_file, project.text, theirs)
    ours = on_this_machine(answers.auth_compose_file, project.text, ours)
    if theirs and place_of(theirs) != place_of(ours):
        yield problem(
            "the two servers use two databases",
            project.env_path,
            remedy="give both the same DATABASE_URL",
        )
