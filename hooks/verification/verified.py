"""The whole way once: start the servers where none are given, go it, clear up."""

from __future__ import annotations

import contextlib
import shutil
import time
from itertools import chain
from typing import TYPE_CHECKING

from ..errors import BetterAuthError
from .journey import Journey, Step
from .servers import Servers, running_servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..answers import Answers


def verified(
    root: Path, answers: Answers, urls: tuple[str, str] | None, notes: list[str]
) -> Iterator[Step]:
    """Yield each step as it was taken; ``notes`` gets what else is to be said.

    ``urls`` are those of an auth server and a FastAPI that run already; the start of
    the project's own is the first step where there are none.
    """
    with contextlib.ExitStack() as stack:
        servers: Servers | None = None
        if urls is None:
            began = time.perf_counter()
            name = "the servers start"
            try:
                servers = stack.enter_context(running_servers(root, answers))
            except BetterAuthError as error:
                seconds = time.perf_counter() - began
                yield Step(name=name, ok=False, detail=str(error), seconds=seconds)
                return
            seconds = time.perf_counter() - began
            detail = "database, auth server, FastAPI"
            yield Step(name=name, ok=True, detail=detail, seconds=seconds)
            urls = servers.auth_url, servers.api_url
        auth_url, api_url = (url.rstrip("/") for url in urls)
        journey = Journey(
            auth_url=auth_url,
            me_url=f"{api_url}{answers.auth_api_prefix}/auth/me",
            methods=answers.auth_methods,
            verifies_email=answers.verifies_email,
            read_link=servers.printed_link if servers is not None else None,
            uses_jwt=answers.credential == "token",
            server=root / answers.auth_server_dir,
        )
        held = True
        for step in chain(journey.steps(), journey.removal()):
            held = held and step.ok
            yield step
        notes.extend(journey.notes)
        if servers is not None and held:
            shutil.rmtree(servers.log.parent)
        elif servers is not None:
            notes.append(f"all that the servers printed: {servers.log}")
