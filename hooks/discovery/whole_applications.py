"""Two complete applications in one repository, and whether one is clearly meant."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .import_roots import manifests_in

if TYPE_CHECKING:
    from .application import Application
    from .sources import Sources

_ROUTE = re.compile(
    r"(?m)^[ \t]*@\w[\w.]*\.(?:get|post|put|patch|delete|websocket|api_route)\("
    r"|\.(?:include_router|add_api_route)\("
)
_WHOLE = 3  # routes: more than a check of health and a page at the root
_OTHER_LANGUAGES = ("Cargo.toml", "go.mod", "pom.xml", "build.gradle", "Gemfile")


def is_ambiguous(sources: Sources, found: list[Application]) -> bool:
    """Return True if two applications of different projects survive the ranking."""
    if not found:
        return False
    first = found[0]
    if _serves_another_backend(sources, first):
        return True
    others = [a for a in found[1:] if a.backend_dir != first.backend_dir]
    for application in (first, *others) if others else ():
        application.routes = _routes(sources, application)
    return any(_is_rival(sources, first, other) for other in others)


def _is_rival(sources: Sources, first: Application, other: Application) -> bool:
    """Return True for a whole application: with its own manifest and routes.

    What starts the first in its own folder says nothing about the other one; only a
    command of the whole project, at its root, chooses between them.
    """
    if first.started_at_root > other.started_at_root:
        return False
    if not other.routes and first.started > other.started:
        return False
    enough = min(first.routes, 1 if other.started_at_root else _WHOLE)
    return _has_manifest(sources, other) and other.routes >= enough


def _routes(sources: Sources, application: Application) -> int:
    """Count the routes in what the application loads."""
    files = sources.loaded(application.file, application.import_root).files
    texts = (sources.repository.text(name) or "" for name in files)
    return sum(len(_ROUTE.findall(text)) for text in texts)


def _serves_another_backend(sources: Sources, application: Application) -> bool:
    """Return True for a helper of a product whose backend is in another language."""
    if application.backend_dir == ".":
        return False
    top = application.backend_dir.partition("/")[0]
    return any(
        str(PurePosixPath(folder, name)) in sources.repository.file_set
        for folder in ("backend", "server", "api")
        if folder != top
        for name in _OTHER_LANGUAGES
    )


def _has_manifest(sources: Sources, application: Application) -> bool:
    folder = PurePosixPath(application.backend_dir)
    return any(
        manifests_in(sources, str(f))
        for f in (folder, *folder.parents)
        if str(f) != "." or f == folder
    )
