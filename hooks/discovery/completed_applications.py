"""Find the module that completes an application which another one makes.

``core/server.py`` has ``app = FastAPI()``; ``main.py`` imports it and includes the
routers. A server that is given the first would have no routes. What is started decides
before that: ``debug.py`` can add to an application, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..syntax.python import callee, line
from .application import Application
from .kept_applications import imported_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .sources import Sources

# A route that is declared on an application, or its routers that are included.
_ADDS = re.compile(
    r"(?m)^(?:@(\w{1,99})\.(?:get|post|put|patch|delete|head|options|trace|route"
    r"|api_route|websocket|websocket_route)|(\w{1,99})\.include_router)\("
)


def completed(
    sources: Sources, found: dict[tuple[str, str], Application]
) -> Iterator[Application]:
    """Yield the applications, and each again as a module names it that adds to it."""
    for application in found.values():
        yield application
        other = _completing(sources, application)
        if other is not None and (other.file, other.attr) not in found:
            yield other


def each_once(sources: Sources, found: list[Application]) -> list[Application]:
    """Return each application under one name, or under two where both are started."""
    left_out: list[Application] = []
    for other in found:
        if (made := other.completes) is None or (made.started and other.started):
            continue
        whole = _adds(sources, made.file, made.attr)
        left_out.append(
            other if made.started or (whole and not other.started) else made
        )
    return [one for one in found if not any(one is other for other in left_out)]


def _completing(sources: Sources, application: Application) -> Application | None:
    """Return the application as the only module names it that includes its routers."""
    if application.is_factory or "include_router" in (
        sources.repository.text(application.file) or ""
    ):
        return None
    attr = application.attr
    fits: list[Application] = []
    for name in sources.mentioning(f"import {attr}"):
        if name == application.file or not _adds(sources, name, attr):
            continue
        for one in sources.module(name).imports:
            if one.name == one.alias == attr and (
                imported_from(sources, name, one) == application.file
            ):
                fits.append(_as_named_in(sources, name, application))
                break
    return (
        fits[0]
        if len(fits) == 1 and not _loads(sources, application, fits[0])
        else None
    )


def _adds(sources: Sources, name: str, attr: str) -> bool:
    """Return True if a module gives routes to what it has under this name."""
    found = _ADDS.findall(sources.repository.text(name) or "")
    return any(attr in names for names in found)


def _as_named_in(sources: Sources, name: str, made: Application) -> Application:
    calls = sources.module(name).nodes("call")
    first = next((c for c in calls if callee(c).startswith(f"{made.attr}.")), None)
    number = line(first) if first else 1
    return Application(file=name, attr=made.attr, line=number, completes=made)


def _loads(sources: Sources, application: Application, other: Application) -> bool:
    """Return True if the application's own module loads the other one."""
    return any(
        other.file in sources.loaded(application.file, root)
        for root in _roots(application.file, other.file)
    )


def _roots(one: str, other: str) -> Iterator[str]:
    """Yield the folders that both files are in, the root included."""
    yield "."
    folders = one.split("/")[:-1]
    for depth in range(1, len(folders) + 1):
        folder = "/".join(folders[:depth])
        if other.startswith(f"{folder}/"):
            yield folder
