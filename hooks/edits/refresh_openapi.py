"""Say how a snapshot of the API, or a client made of it, gets the new route.

A committed ``openapi.json`` that a test compares, and a client that is generated from
it, are out of step as soon as the router is included. The project's own command makes
them again; where none is found, the step writes the file itself.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

from ..fastapi_code.taken_route import ROUTE
from ..model import ManualStep, Place, Skip, Where
from ..rendering.commands import run_python
from ..repository.paths import is_below, join
from .openapi_commands import ASIDE, TESTS, commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "refresh-openapi"
_SNAPSHOT = re.compile(
    r"(?i)(^|/)(openapi|swagger|api[-_]schema|schema)([-_.]\w{1,99})?\.json$"
)


def refresh_openapi(
    integration: Integration, staging: Staging
) -> Iterator[ManualStep | Skip]:
    """Yield the project's own commands, in order, or one for a snapshot without any."""
    route = f"{integration.answers.auth_api_prefix}{ROUTE}"
    snapshots = [p for p in _snapshots(staging) if route not in _text(staging, p)]
    compared = [*_compared(staging, route)]
    if not snapshots and not compared:
        why = "no snapshot of the API is without the new route"
        yield Skip(operation=_OPERATION, path=".", why=why)
        return
    why = f"{' and '.join(snapshots)} has the routes of the API, and {route} is new"
    for one in commands(integration, staging, snapshots) if snapshots else ():
        yield _step(one.path, why, one.command, one.folder)
    for path, option in compared:
        backend = integration.answers.auth_backend_dir
        folder = backend if is_below(path, backend) else "."
        file = shlex.quote(path.removeprefix(f"{folder}/"))
        runs = run_python(integration.answers.auth_package_manager, new_project=False)
        why = f"its snapshot has the routes of the API, and {route} is new"
        yield _step(path, why, f"{runs}pytest {file} {option}", folder)


def _text(staging: Staging, path: str) -> str:
    return staging.text(path) or ""


def _step(path: str, why: str, command: str, folder: str) -> ManualStep:
    return ManualStep(
        operation=_OPERATION,
        path=path,
        why=why,
        snippet=command,
        place=Place(where=Where.RUN, folder=folder),
    )


def _snapshots(staging: Staging) -> Iterator[str]:
    """Yield the committed descriptions of this API, by what is in them."""
    for path in staging.repository.files:
        if _SNAPSHOT.search(path) and not ASIDE.search(path):
            try:
                content = json.loads(staging.text(path) or "")
            except (ValueError, RecursionError):
                continue
            if isinstance(content, dict) and {"openapi", "paths"} <= content.keys():
                yield path


def _compared(staging: Staging, route: str) -> Iterator[tuple[str, str]]:
    """Yield tests that compare the description with a snapshot, and the option."""
    for path in staging.repository.files:
        content = _text(staging, path) if path.endswith(".py") else ""
        if not TESTS.search(path) or "openapi" not in content or route in content:
            continue
        folder, _, name = path.rpartition("/")
        kept = join(folder or ".", f"__snapshots__/{name.removesuffix('.py')}.ambr")
        if "inline_snapshot" in content:
            yield path, "--inline-snapshot=fix"
        elif kept in staging.repository.file_set and route not in _text(staging, kept):
            yield path, "--snapshot-update"
