"""Which applications the commands in a repository start, and from where."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..model import Evidence
from ..repository.compose import read_compose
from .import_roots import working_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .application import Application
    from .sources import Sources

# Where a start command can stand, most telling first.
_STARTERS = re.compile(
    r"(^|/)((Dockerfile|Containerfile)[^/]{0,255}|[^/]{0,255}\.[Dd]ockerfile|[^/]{0,255}compose[^/]{0,255}\.ya?ml"
    r"|Procfile[^/]{0,255}|[Mm]akefile|[Jj]ustfile|[^/]{0,255}\.sh|package\.json|pyproject\.toml"
    r"|(render|fly|vercel|railway|nixpacks|app|serverless)\.(ya?ml|toml|json)"
    r"|[^/]{0,255}supervisor[^/]{0,255}\.conf|[^/]{0,255}\.service|Pipfile|Taskfile\.ya?ml|main\.py"
    r"|run[^/]{0,255}\.py|[^/]{0,255}start[^/]{0,255}\.py|server\.py|__main__\.py|manage\.py|README[^/]{0,255})$"
)
_STARTED = re.compile(
    r"(?<![\w./-])([A-Za-z_][\w.]*):([A-Za-z_]\w*)(?:\(\))?(?![\w/:])"
)
_RUNNERS = ("uvicorn", "gunicorn", "granian", "hypercorn", "fastapi", "entrypoint")
# `cd backend`, alone or before the command, and what uvicorn is told.
_CHANGES = re.compile(r"(?:^|&&|;|[`$>]|\bRUN)\s{0,9}cd\s{1,9}\"?([\w./-]{1,200})")
_APP_DIR = re.compile(r"--app-dir[ =]\"?([\w./-]{1,200})")
_REMEMBERED = 5
_PATH_STARTED = re.compile(
    r"fastapi[\"',\s]+(?:run|dev)[\"',\s]+(?:--[\w-]+[ =]\S+\s{1,99})*"
    r"(?:\{args:)?([\w./-]+\.py)"
)


def read_start_commands(sources: Sources, found: list[Application]) -> None:
    """Note on each application the commands that start it, and how telling they are."""
    _note_pointers(sources, found)
    starters = sources.repository.matching(_STARTERS)
    for name in dict.fromkeys([*starters, *sources.mentioning("uvicorn.run(")]):
        content = sources.repository.text(name)
        if not content or not any(runner in content for runner in _RUNNERS):
            continue
        weight = 1 if "README" in name else (3 if name.endswith(".py") else 4)
        several = len(found) > 1  # else there is nothing to choose between
        contexts = _contexts(name, content) if several else []
        for number, words, folder in _commands(name, content, contexts):
            for application in _named_in(words, folder, found):
                application.started = max(application.started, weight)
                application.started_at_root |= "/" not in name and weight > 1
                _place_by_command(sources, application, words)
                why = f"names {application.module}:{application.attr}"
                application.evidence.append(Evidence(path=name, line=number, why=why))


def _note_pointers(sources: Sources, found: list[Application]) -> None:
    """Note the modules that pass an application on: ``from app.main import app``."""
    for application in found:
        stem = PurePosixPath(application.file).stem
        stem = (
            stem if stem != "__init__" else PurePosixPath(application.file).parent.name
        )
        for name in sources.mentioning(f"import {application.attr}"):
            module = sources.module(name)
            application.pointers += [
                name
                for one in module.imports
                if one.name == one.alias == application.attr
                and one.module.rpartition(".")[2] == stem
                and sources.resolve(_root_of(application, one.module), name, one)
                == application.file
            ]


def _root_of(application: Application, dotted: str) -> str:
    """Return the folder from which a dotted name can mean the application's file."""
    file = PurePosixPath(application.file)
    parts = (
        file.parent.parts if file.name == "__init__.py" else file.with_suffix("").parts
    )
    return str(PurePosixPath(*parts[: len(parts) - len(dotted.split("."))]))


def _commands(
    name: str, content: str, contexts: list[tuple[str, str]]
) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of a file, each with the folder that its command is run in."""
    own = name.rpartition("/")[0] or "."
    here, left = own, 0
    for number, words in enumerate(content.splitlines(), start=1):
        if changed := _CHANGES.search(words):
            here, left = _below(own, changed[1]), _REMEMBERED
        elif left:
            left -= 1
        else:
            here = own
        command, option = words.strip(), _APP_DIR.search(words)
        built = [folder for folder, said in contexts if command and command in said]
        if option:
            built = [_below(own, option[1])]
        for folder in built or [here]:
            yield number, words, folder


def _below(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _contexts(name: str, content: str) -> list[tuple[str, str]]:
    """Return, for each service of a compose file, its folder and its commands."""
    if "compose" not in name.rpartition("/")[2]:
        return []
    compose = read_compose(name, content)
    if isinstance(compose, str):
        return []
    found: list[tuple[str, str]] = []
    for service, given in compose.services.items():
        context = compose.context(str(service))
        if context is not None:
            found.append(
                (_below(compose.folder, context), f"command: {given.get('command')}")
            )
    return found


def _place_by_command(sources: Sources, application: Application, words: str) -> None:
    """Believe the command's module path where no import says otherwise."""
    if application.placed:
        return
    file = PurePosixPath(application.file).with_suffix("")
    for module, attr in _STARTED.findall(words):
        parts = tuple(module.split("."))
        if attr == application.attr and file.parts[-len(parts) :] == parts:
            root = str(PurePosixPath(*file.parts[: -len(parts)]))
            application.import_root = root
            application.backend_dir = working_directory(sources, root, application.file)
            application.placed = True


def _named_in(
    words: str, place: str, found: list[Application]
) -> Iterator[Application]:
    for module, attr in _STARTED.findall(words):
        fits = [a for a in found if a.attr == attr and _fits(a, module)]
        # The module that is named itself, before the one that it is passed on from.
        passed_on = [a.completes for a in fits if a.completes is not None]
        fits = [a for a in fits if not any(a is made for made in passed_on)]
        yield from _nearest(fits, place)
    for path in _PATH_STARTED.findall(words):
        fits = [a for a in found if f"/{a.file}".endswith(f"/{path.lstrip('./')}")]
        yield from _nearest(fits, place)


def _fits(application: Application, module: str) -> bool:
    return any(
        f".{_dotted(name)}".endswith(f".{module}")
        for name in (application.file, *application.pointers)
    )


def _dotted(name: str) -> str:
    file = PurePosixPath(name)
    parts = (
        file.parent.parts if file.name == "__init__.py" else file.with_suffix("").parts
    )
    return ".".join(parts)


def _nearest(fits: list[Application], place: str) -> list[Application]:
    """Believe a command about the application that it is closest to."""
    if len(fits) < 2:  # noqa: PLR2004 - nothing to choose between
        return fits
    if same := [a for a in fits if a.backend_dir == place]:
        return same[:1]
    here = PurePosixPath(place).parts

    def shared(application: Application) -> int:
        theirs = PurePosixPath(application.file).parts
        return sum(1 for a, b in zip(here, theirs, strict=False) if a == b)

    most = max(map(shared, fits))
    return [a for a in fits if shared(a) == most][:1] if most else []
