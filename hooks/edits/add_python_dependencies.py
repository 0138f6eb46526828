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

import re
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from ..discovery.install_commands import installed_lists
from ..model import FileEdit, ManualStep, Skip
from ..rendering.python_packages import required
from ..syntax.encoding import encoded
from ..syntax.requirements import added, is_toml
from .dependencies_by_hand import step_in_text, step_to_compile, step_with_manager

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "add-python-dependencies"
REQUIREMENTS = (
    "requirements.in",
    "requirements.txt",
    "requirements/base.in",
    "requirements/base.txt",
    "requirements/prod.txt",
)


def add_python_dependencies(
    integration: Integration, staging: Staging
) -> Iterator[FileEdit | ManualStep | Skip]:
    """Add what is missing to the first manifest that the package manager reads.

    And to each list that the backend's container, or CI, installs from instead.
    """
    first = _in_manifest(integration, staging)
    yield first
    wanted = required(integration.answers)
    backend = integration.answers.auth_backend_dir
    for path in installed_lists(staging.repository, backend):
        source = staging.text(path) or ""
        after = added(path, source, wanted)
        if path == first.path or after is None or is_compiled(source):
            continue
        if after != source:
            yield _edit(staging, path, source, after, wanted)


def _in_manifest(
    integration: Integration, staging: Staging
) -> FileEdit | ManualStep | Skip:
    wanted = required(integration.answers)
    compiled: str | None = None
    for path in _most_telling(integration, staging):
        source = staging.text(path)
        if source is None:
            continue
        after = added(path, source, wanted)
        if after is None and _is_broken(path, source):
            why = "it is not valid TOML"
            return step_in_text(_OPERATION, path, source, why, wanted) or (
                _with_manager(integration, why, wanted)
            )
        if after is None:
            continue
        if after == source:
            return Skip(
                operation=_OPERATION,
                path=path,
                why="lists all that the auth package imports",
            )
        if is_compiled(source):
            # What it is made from comes later: requirements.txt from pyproject.toml.
            compiled = compiled or path
            continue
        return _edit(staging, path, source, after, wanted)
    if compiled is not None:
        why = "the file is compiled by a tool, from a source that was not found"
        return step_to_compile(_OPERATION, compiled, why, wanted)
    return _in_other_list(integration, staging, wanted)


def _edit(
    staging: Staging, path: str, source: str, after: str, wanted: tuple[str, ...]
) -> FileEdit:
    before = staging.read(path)
    names = ", ".join(w for w in wanted if added(path, source, (w,)) != source)
    return FileEdit(
        path=path,
        before=before,
        after=encoded(after, before),
        why=(f"the auth package imports {names}",),
    )


def _in_other_list(
    integration: Integration, staging: Staging, wanted: tuple[str, ...]
) -> ManualStep | Skip:
    """Say what goes to a list of another form; where there is none, what is typed."""
    why = "its list of dependencies has a form that is not edited"
    for path in (*manifests(integration), *_setup_files(integration)):
        source = staging.text(path)
        if source is None:
            continue
        if step := step_in_text(_OPERATION, path, source, why, wanted):
            if all(Requirement(entry).name in source for entry in wanted):
                return Skip(
                    operation=_OPERATION,
                    path=path,
                    why="lists all that the auth package imports",
                )
            return step
    return _with_manager(integration, "no list of dependencies was found", wanted)


def _with_manager(
    integration: Integration, why: str, wanted: tuple[str, ...]
) -> ManualStep:
    answers = integration.answers
    folder = integration.facts.manifest_dir.value or answers.auth_backend_dir
    manager = answers.auth_package_manager
    return step_with_manager(_OPERATION, folder, manager, why, wanted)


def _setup_files(integration: Integration) -> Iterator[str]:
    """Yield where setuptools keeps the list, beside the backend first."""
    for path in manifests(integration):
        if path.endswith("pyproject.toml"):
            yield path.replace("pyproject.toml", "setup.cfg")
            yield path.replace("pyproject.toml", "setup.py")


def manifests(integration: Integration) -> Iterator[str]:
    """Yield the paths where the list may be, beside the backend first."""
    manager = integration.answers.auth_package_manager
    named = {
        "pipenv": ("Pipfile", "pyproject.toml"),
        "pip": (*REQUIREMENTS, "pyproject.toml"),
    }
    backend = integration.answers.auth_backend_dir
    found = integration.facts.manifest_dir.value
    for folder in dict.fromkeys((backend, found or backend, ".")):
        for name in named.get(manager, ("pyproject.toml", *REQUIREMENTS)):
            yield name if folder == "." else f"{folder}/{name}"


def _most_telling(integration: Integration, staging: Staging) -> Iterator[str]:
    """Yield the list that pip is started with before those that it could read."""
    answers = integration.answers
    if answers.auth_package_manager == "pip":
        yield from installed_lists(staging.repository, answers.auth_backend_dir)
    yield from manifests(integration)


def _is_broken(path: str, source: str) -> bool:
    """Return True for a file that pipenv or an older reader of TOML accepts."""
    return path.endswith((".toml", "Pipfile")) and not is_toml(source)


def is_compiled(source: str) -> bool:
    """Return True for a file that uv, pip-compile or another tool writes anew."""
    return (
        "--hash=" in source or re.search(r"(?im)^#.*autogenerated", source) is not None
    )
