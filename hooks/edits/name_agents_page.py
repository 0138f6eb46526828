"""Ask for a line in the repository's own ``AGENTS.md``, which leads to ours.

The file at the root is the one that coding assistants read first, and it is the user's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import ManualStep, Place, Skip, Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "name-agents-page"
_FILE = "AGENTS.md"


def name_agents_page(
    integration: Integration, staging: Staging
) -> Iterator[ManualStep | Skip]:
    """Yield the step, where the page was asked for and is not named yet."""
    if not integration.answers.auth_agents:
        return
    page = f"{integration.answers.auth_server_dir}/{_FILE}"
    own = staging.text(_FILE)
    if own is not None and page in own:
        yield Skip(operation=_OPERATION, path=_FILE, why=f"names {page} already")
        return
    yield ManualStep(
        operation=_OPERATION,
        path=_FILE,
        why="coding assistants read this file first, and it is yours",
        snippet=f"Before you touch a route, a test or sign-in, read {page}.",
        place=Place(where=Where.NEW if own is None else Where.END),
    )
