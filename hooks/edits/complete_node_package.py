"""Say what an auth server that was there before still lacks.

A copy adds files and overwrites none. So a ``package.json`` that the user wrote stays
as it is, and so does a configuration of better-auth in another file than ours: the two
are not merged by guess.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from ..catalogue.package_managers import node_manager
from ..catalogue.pinned import PINNED
from ..model import ManualStep, Place, Skip, Where
from ..rendering.node_packages import node_packages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..answers import Answers
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "complete-node-package"
_CONFIGURATION = "src/auth/auth.config.ts"
_SOURCES = (".ts", ".mts", ".js", ".mjs")


def complete_node_package(
    integration: Integration, staging: Staging
) -> ManualStep | Skip:
    """Compare the package with what the rendered files need; nothing is edited."""
    answers = integration.answers
    path = f"{answers.auth_server_dir}/package.json"
    commands = [*_other_configurations(answers, staging)]
    try:
        manifest = json.loads(staging.text(path) or "{}")
    except (ValueError, RecursionError):
        manifest = {}
    if isinstance(manifest, dict):
        commands += _missing(answers, manifest)
    if not commands:
        why = "has the packages and scripts that the auth server needs"
        return Skip(operation=_OPERATION, path=path, why=why)
    return ManualStep(
        operation=_OPERATION,
        path=path,
        why="this auth server was here before, and what it has stays as it is",
        snippet="\n".join(commands),
        place=Place(where=Where.RUN, folder=answers.auth_server_dir),
    )


def _missing(answers: Answers, manifest: Mapping[str, object]) -> Iterator[str]:
    wanted = node_packages(
        PINNED,
        answers.auth_server_dir,
        methods=answers.auth_methods,
        email_provider=answers.auth_email_provider,
        database_provider=answers.auth_database_provider,
        deployment=answers.auth_deployment,
        hash_readers=answers.hash_readers,
        existing_users=answers.auth_existing_users,
    )
    present = {
        name
        for kind in ("dependencies", "devDependencies")
        for name in _of(manifest, kind)
    }
    manager = node_manager(answers.auth_node_package_manager)
    for add, packages in (
        (manager.add, wanted.dependencies),
        (manager.add_for_development, wanted.dev_dependencies),
    ):
        missing = [f"{n}@{v}" for n, v in packages.items() if n not in present]
        if missing:
            yield f"{add} {' '.join(missing)}"
    scripts = _of(manifest, "scripts")
    for name, command in wanted.scripts.items():
        if name not in scripts:
            yield f"npm pkg set scripts.{name}={shlex.quote(command)}"
    if manifest.get("type") != "module":
        yield "npm pkg set type=module"


def _of(manifest: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = manifest.get(key)
    return value if isinstance(value, dict) else {}


def _other_configurations(answers: Answers, staging: Staging) -> Iterator[str]:
    own = f"{answers.auth_server_dir}/{_CONFIGURATION}"
    for path in staging.repository.below(answers.auth_server_dir):
        if path.endswith(_SOURCES) and path != own:
            text = staging.text(path) or ""
            if "betterAuth(" in text:
                yield f"# {path} configures better-auth: move what it has to {own}"
