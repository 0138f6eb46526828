"""Say that a compiled list of requirements must be made again, from the one that grew.

Tools write ``requirements.txt`` from ``requirements.in`` or ``pyproject.toml``, and
servers install from it: without this, what the auth package imports is missing there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import ManualStep
from ..python_dependencies import required
from ..transforms.requirements import added
from .add_python_dependencies import is_compiled, manifests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration
    from .staging import Staging

_OPERATION = "compile-requirements"
_COMMAND = re.compile(r"(?m)^#[ \t]+((?:pip-compile|uv|poetry|pdm)\b[^\n]*)")


def compile_requirements(
    integration: Integration, staging: Staging
) -> Iterator[ManualStep]:
    """Yield a step for each compiled list that lacks what its source has by now."""
    wanted = required(integration.answers)
    listed = [
        (path, source)
        for path in manifests(integration)
        if (source := staging.text(path)) is not None
    ]
    complete = [
        path for path, source in listed if added(path, source, wanted) == source
    ]
    for path, source in listed:
        if complete and path not in complete and is_compiled(source):
            made_from = complete[0]
            command = _COMMAND.search(source)
            yield ManualStep(
                operation=_OPERATION,
                path=path,
                why=f"it is compiled from {made_from}, which has more packages now",
                snippet=command[1] if command else f"# compile it from {made_from}",
            )
