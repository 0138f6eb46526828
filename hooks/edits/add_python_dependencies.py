"""Add what the auth package imports to the project's own list of dependencies.

Before::

    dependencies = [
        "fastapi>=0.115",
        "sqlmodel>=0.0.22",
    ]

After::

    dependencies = [
        "asyncpg>=0.29",
        "fastapi>=0.115",
        "pydantic-settings>=2.1",
        "sqlmodel>=0.0.22",
    ]

Lock files are left to the tool that writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import FileEdit, ManualStep, Skip
from ..python_dependencies import required
from ..transforms import requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration
    from .staging import Staging

_OPERATION = "add-python-dependencies"
_REQUIREMENTS = (
    "requirements.in",
    "requirements.txt",
    "requirements/base.in",
    "requirements/base.txt",
    "requirements/prod.txt",
)


def add_python_dependencies(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    """Add what is missing to the first manifest that the package manager reads."""
    wanted = required(integration.answers)
    for path in manifests(integration):
        source = staging.text(path)
        if source is None:
            continue
        after = _added(path, source, wanted)
        if after is None:
            continue
        if after == source:
            return Skip(operation=_OPERATION, path=path, why="has them all already")
        names = ", ".join(wanted)
        return FileEdit(
            path=path,
            before=staging.read(path),
            after=after.encode(),
            why=(f"the auth package imports {names}",),
        )
    return ManualStep(
        operation=_OPERATION,
        path=integration.answers.auth_backend_dir,
        why="no list of dependencies was found",
        snippet="\n".join(wanted),
    )


def manifests(integration: Integration) -> Iterator[str]:
    """Yield the paths where the list may be, beside the backend first."""
    manager = integration.answers.auth_package_manager
    named = {"pipenv": ("Pipfile",), "pip": (*_REQUIREMENTS, "pyproject.toml")}
    backend = integration.answers.auth_backend_dir
    found = integration.facts.manifest_dir.value
    for folder in dict.fromkeys((backend, found or backend, ".")):
        for name in named.get(manager, ("pyproject.toml", *_REQUIREMENTS)):
            yield name if folder == "." else f"{folder}/{name}"


def _added(path: str, source: str, wanted: tuple[str, ...]) -> str | None:
    if path.endswith("pyproject.toml"):
        poetry = requirements.in_poetry(source, wanted)
        return requirements.in_pep621(source, wanted) if poetry is None else poetry
    if path.endswith("Pipfile"):
        return requirements.in_pipfile(source, wanted)
    return requirements.in_requirements(source, wanted)
