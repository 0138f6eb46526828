"""Find the compose file that the project is run by, and FastAPI's service in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Confidence, Evidence, Fact
from ..repository.compose import backend_service, find_compose, read_compose

if TYPE_CHECKING:
    from ..repository import Repository


def find_compose_service(
    repository: Repository, backend_dir: str
) -> tuple[Fact[str], Fact[str]]:
    """Return the file, and the service that serves the application."""
    path = find_compose(repository, backend_dir)
    if path is None:
        return Fact(), Fact()
    likely = Confidence.LIKELY
    here = (Evidence(path=path, why="runs the project's services"),)
    file: Fact[str] = Fact(value=path, confidence=likely, evidence=here)
    compose = read_compose(path, repository.text(path) or "")
    if isinstance(compose, str):
        return file, Fact()
    service = backend_service(compose, backend_dir, repository.text)
    if service is None:
        return file, Fact()
    line = compose.services.lc.key(service)[0] + 1
    starts = (Evidence(path=path, line=line, why="starts the backend"),)
    return file, Fact(value=service, confidence=likely, evidence=starts)
