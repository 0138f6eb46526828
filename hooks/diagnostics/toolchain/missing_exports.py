"""Names that tutorials import from better-auth, and that it does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...catalogue.methods import SOCIAL_PROVIDERS
from ...syntax.python import line, text
from ...syntax.typescript import descendants_of
from .._check import Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import Finding
    from .._project import Project

# Names that tutorials import from better-auth/plugins, and that it does not have.
_NEVER_THERE = {"oauth", "emailPassword", "emailVerification"} | {
    provider.name for provider in SOCIAL_PROVIDERS
}

BROKEN = (
    Broken(
        title="a plugin that does not exist",
        path="{server}/src/auth/auth.config.ts",
        before="import { betterAuth",
        after=('import { oauth } from "better-auth/plugins";\nimport { betterAuth'),
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Look at what is imported from ``better-auth/plugins``."""
    for path, script in project.scripts.items():
        for statement in script.nodes("import_statement"):
            source = text(statement.child_by_field_name("source"))[1:-1]
            if source != "better-auth/plugins":
                continue
            for found in descendants_of(statement, "import_specifier"):
                name = text(found.child_by_field_name("name"))
                if name in _NEVER_THERE:
                    yield problem(
                        f"better-auth/plugins has no {name}, so the server stops",
                        path,
                        line(found),
                        remedy="social providers are configured as socialProviders",
                    )
