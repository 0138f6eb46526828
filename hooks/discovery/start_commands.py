"""Which applications the commands in a repository start, and from where."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..model import Evidence
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
_PATH_STARTED = re.compile(
    r"fastapi[\"',\s]+(?:run|dev)[\"',\s]+(?:--[\w-]+[ =]\S+\s{1,99})*"
    r"(?:\{args:)?([\w./-]+\.py)"
)


def read_start_commands(sources: Sources, found: list[Application]) -> None:
    """Note on each application the commands that start it, and how telling they are."""
    starters = [n for n in sources.repository.files if _STARTERS.search(n)]
    for name in dict.fromkeys([*starters, *sources.mentioning("uvicorn.run(")]):
        content = sources.repository.text(name)
        if not content or not any(runner in content for runner in _RUNNERS):
            continue
        weight = 1 if "README" in name else (3 if name.endswith(".py") else 4)
        for number, words in enumerate(content.splitlines(), start=1):
            for application in _named_in(words, name, found):
                application.started = max(application.started, weight)
                application.started_at_root |= "/" not in name
                _place_by_command(sources, application, words)
                why = f"names {application.module}:{application.attr}"
                application.evidence.append(Evidence(path=name, line=number, why=why))


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
        yield from _nearest(fits, place)
    for path in _PATH_STARTED.findall(words):
        fits = [a for a in found if f"/{a.file}".endswith(f"/{path.lstrip('./')}")]
        yield from _nearest(fits, place)


def _fits(application: Application, module: str) -> bool:
    file = PurePosixPath(application.file)
    dotted = ".".join(
        file.with_suffix("").parts if file.name != "__init__.py" else file.parent.parts
    )
    return f".{dotted}".endswith(f".{module}")


def _nearest(fits: list[Application], place: str) -> list[Application]:
    """Believe a command about the application that it is closest to."""
    if len(fits) < 2:  # noqa: PLR2004 - nothing to choose between
        return fits
    here = PurePosixPath(place).parts[:-1]

    def shared(application: Application) -> int:
        theirs = PurePosixPath(application.file).parts
        return sum(1 for a, b in zip(here, theirs, strict=False) if a == b)

    most = max(map(shared, fits))
    return [a for a in fits if shared(a) == most][:1] if most else []
