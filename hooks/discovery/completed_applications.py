"""Find the module that completes an application which another one makes.

``core/server.py`` has ``app = FastAPI()``; ``main.py`` imports it and includes the
routers. A server that is given the first would have no routes.
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
_ADDS = re.compile(r"(?m)^(?:@(\w{1,99})\.\w{1,40}|(\w{1,99})\.include_router)\(")


def completed(
    sources: Sources, found: dict[tuple[str, str], Application]
) -> Iterator[Application]:
    """Yield the applications, each as the module names it that completes it."""
    for application in found.values():
        yield _completing(sources, application) or application


def _completing(sources: Sources, application: Application) -> Application | None:
    """Return the application as the only module names it that includes its routers."""
    if application.is_factory or "include_router" in (
        sources.repository.text(application.file) or ""
    ):
        return None
    attr = application.attr
    fits: list[Application] = []
    for name in sources.mentioning(f"import {attr}"):
        added = _ADDS.findall(sources.repository.text(name) or "")
        if name == application.file or not any(attr in names for names in added):
            continue
        for one in sources.module(name).imports:
            if one.name == one.alias == attr and (
                imported_from(sources, name, one) == application.file
            ):
                fits.append(_as_named_in(sources, name, attr))
                break
    return (
        fits[0]
        if len(fits) == 1 and not _loads(sources, application, fits[0])
        else None
    )


def _as_named_in(sources: Sources, name: str, attr: str) -> Application:
    calls = sources.module(name).nodes("call")
    first = next((c for c in calls if callee(c).startswith(f"{attr}.")), None)
    return Application(file=name, attr=attr, line=line(first) if first else 1)


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
