"""Say how a snapshot of the API, or a client made of it, gets the new route.

A committed ``openapi.json`` that a test compares, and a client that is generated from
it, are out of step as soon as the router is included. The project's own command makes
them again; where none is found, the step writes the file itself.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..documents.commands import run_python
from ..model import ManualStep, Place, Skip, Where
from ..repository.paths import join
from ..repository.taken_route import ROUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Integration
    from .staging import Staging

_OPERATION = "refresh-openapi"
_SNAPSHOT = re.compile(
    r"(?i)(^|/)(openapi|swagger|api[-_]schema|schema)([-_.]\w{1,99})?\.json$"
)
_ASIDE = re.compile(r"(^|/)(node_modules|dist|examples?|\.[^/]+)(/|$)")
_GENERATES = re.compile(r"(?i)openapi|orval|swagger|generate[-_:]?client")
_TARGET = re.compile(r"(?m)^([\w.-]+):(?!=)[^\n]*\n((?:\t[^\n]*\n?)+)")
_TESTS = re.compile(r"(^|/)(tests?/|test_[^/]*\.py$|[^/]*_test\.py$)")
_SCRIPT = re.compile(r"(?i)openapi|generate[-_]?client")


@dataclass(frozen=True, kw_only=True)
class _Command:
    """What makes the snapshot or the client again, and the folder to run it in."""

    command: str
    folder: str
    path: str


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
    for one in _in_order(integration, staging, snapshots) if snapshots else ():
        yield _step(one.path, why, one.command, one.folder)
    for path, option in compared:
        backend = integration.answers.auth_backend_dir
        folder = backend if path.startswith(f"{backend}/") else "."
        file = shlex.quote(path.removeprefix(f"{folder}/"))
        runs = run_python(integration.answers.auth_package_manager, new_project=False)
        why = f"its snapshot has the routes of the API, and {route} is new"
        yield _step(path, why, f"{runs}pytest {file} {option}", folder)


def _in_order(
    integration: Integration, staging: Staging, snapshots: Sequence[str]
) -> Sequence[_Command]:
    """Return one command that does all, else the snapshot's and then the client's."""
    whole = [*_targets(staging), *_scripts(integration, staging, ".sh")]
    if whole:
        return whole[:1]
    own = [*_scripts(integration, staging, ".py")][:1]
    own = own or [_written(integration, path) for path in snapshots]
    return [*own, *_of_packages(staging)]


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
        if _SNAPSHOT.search(path) and not _ASIDE.search(path):
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
        if not _TESTS.search(path) or "openapi" not in content or route in content:
            continue
        folder, _, name = path.rpartition("/")
        kept = join(folder or ".", f"__snapshots__/{name.removesuffix('.py')}.ambr")
        if "inline_snapshot" in content:
            yield path, "--inline-snapshot=fix"
        elif kept in staging.repository.file_set and route not in _text(staging, kept):
            yield path, "--snapshot-update"


def _targets(staging: Staging) -> Iterator[_Command]:
    for path in staging.repository.named("Makefile", "makefile"):
        for target, recipe in _TARGET.findall(_text(staging, path)):
            if _GENERATES.search(f"{target}\n{recipe}") and not _ASIDE.search(path):
                folder = path.rpartition("/")[0] or "."
                command = f"make {shlex.quote(target)}"
                yield _Command(command=command, folder=folder, path=path)


def _scripts(
    integration: Integration, staging: Staging, ending: str
) -> Iterator[_Command]:
    answers = integration.answers
    for path in staging.repository.files:
        name = path.rpartition("/")[2]
        if not name.endswith(ending) or not _SCRIPT.search(name):
            continue
        if _TESTS.search(path) or _ASIDE.search(path):
            continue
        inside = path.startswith(f"{answers.auth_backend_dir}/")
        folder = answers.auth_backend_dir if inside and ending == ".py" else "."
        file = path.removeprefix(f"{folder}/")
        runs = "bash "
        if ending == ".py":
            manager = run_python(answers.auth_package_manager, new_project=False)
            runs = f"{manager}python "
        yield _Command(command=f"{runs}{shlex.quote(file)}", folder=folder, path=path)


def _of_packages(staging: Staging) -> Iterator[_Command]:
    for path in staging.repository.named("package.json"):
        try:
            scripts = json.loads(staging.text(path) or "").get("scripts") or {}
        except (ValueError, AttributeError):
            continue
        for name, script in scripts.items():
            if isinstance(script, str) and re.search(
                r"\b(openapi-ts|openapi-typescript|openapi-generator|orval|swagger)\b",
                script,
            ):
                folder = path.rpartition("/")[0] or "."
                command = f"npm run {shlex.quote(name)}"
                yield _Command(command=command, folder=folder, path=path)


def _written(integration: Integration, path: str) -> _Command:
    """Return a command that writes the description as FastAPI gives it."""
    answers = integration.answers
    call = "()" if answers.auth_app.endswith("()") else ""
    up = "../" * len([p for p in answers.auth_backend_dir.split("/") if p != "."])
    code = (
        "import json, pathlib; "
        f"from {answers.app_module} import {answers.app_attribute} as app; "
        f"pathlib.Path('{up}{path}').write_text("
        f"json.dumps(app{call}.openapi(), indent=2) + '\\n')"
    )
    runs = run_python(answers.auth_package_manager, new_project=False)
    command = f"{runs}python -c {shlex.quote(code)}"
    return _Command(command=command, folder=answers.auth_backend_dir, path=path)
