"""How many people an import would still bring over, counted by the import itself."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from ..explain.redaction import redacted
from .node_process import run_file
from .started_server import stamp, why_not

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .started_server import AuthServer

_DRY_RUN = ("src/import-users.ts", "--dry-run", "--json")


def count_people(server: AuthServer) -> Mapping[str, int] | str:
    """Return what a dry run of ``import-users`` counts, or why it could not.

    ``added`` are those who have no account yet, ``unknownHash`` those of them whose
    password nothing verifies. Nothing is written.
    """
    if reason := why_not(server):
        return reason
    return _counted(server.folder, server.patience, stamp(server.folder))


@lru_cache(maxsize=8)
def _counted(server: Path, seconds: float, stamp: object) -> Mapping[str, int] | str:
    del stamp
    answer = run_file(_DRY_RUN, server, seconds)
    if isinstance(answer, str):
        return answer
    said, errors = answer
    try:
        return {str(k): int(v) for k, v in json.loads(said).items()}
    except (ValueError, AttributeError):
        lines = errors.strip().splitlines() or ["import-users did not end in time"]
        return redacted(lines[0])[:200]
