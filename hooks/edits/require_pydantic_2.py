"""Say what must be upgraded first where the packages are from before pydantic 2.

The auth package is written for FastAPI 0.100 or newer. A project that pins older ones
is not upgraded by a template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import ManualStep, Skip
from ..rendering.python_packages import TOO_OLD, too_old
from .add_python_dependencies import manifests
from .by_hand import as_step

if TYPE_CHECKING:
    from ..model import Integration
    from ..repository.staging import Staging

_OPERATION = "require-pydantic-2"
_LOWEST = {"pydantic": ">=2", "fastapi": ">=0.100", "sqlmodel": ">=0.0.14"}


def require_pydantic_2(integration: Integration, staging: Staging) -> ManualStep | Skip:
    """Look for versions that are pinned too low; nothing is edited."""
    for path in manifests(integration):
        source = staging.text(path) or ""
        if old := too_old(source):
            why = f"the auth package needs newer versions than {old}"
            after = TOO_OLD.sub(_newer, source)
            before, new = source.encode(), after.encode()
            return as_step(_OPERATION, path, why, before=before, after=new)
    why = "nothing pins FastAPI or pydantic too low"
    backend = integration.answers.auth_backend_dir
    return Skip(operation=_OPERATION, path=backend, why=why)


def _newer(found: re.Match[str]) -> str:
    """Return the entry in its own form, with the lowest version that will do."""
    version = next(v for name, v in _LOWEST.items() if name in found[0])
    return re.sub(
        r"(\bfastapi|\bpydantic|\bsqlmodel)(\[[\w,]+\])?([\"']?\s*=\s*[\"'])?"
        r"[\s^~=<>,\d.*]+\w*",
        lambda m: f"{m[1]}{m[2] or ''}{m[3] or ''}{version}",
        found[0],
        count=1,
    )
