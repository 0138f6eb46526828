"""Say what must be upgraded first where FastAPI or pydantic are from before pydantic 2.

The auth package is written for FastAPI 0.100 or newer. A project that pins older ones
is not upgraded by a template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import ManualStep, Skip
from .add_python_dependencies import manifests

if TYPE_CHECKING:
    from ..model import Integration
    from .staging import Staging

_OPERATION = "require-pydantic-2"
_TOO_OLD = re.compile(
    r"""(?mx)^\s*["']?
    (?: pydantic(?:\[[\w,]+\])?["']?\s*(?:=\s*["'])?\s*(?:\^|~=?|==?)?\s*1\.
      | fastapi(?:\[[\w,]+\])?["']?\s*(?:=\s*["'])?\s*(?:\^|~=?|==?)\s*0\.\d\d?(?!\d)
    )[\w.*]*["']?"""
)


def require_pydantic_2(integration: Integration, staging: Staging) -> ManualStep | Skip:
    """Look for versions that are pinned too low; nothing is edited."""
    for path in manifests(integration):
        found = _TOO_OLD.search(staging.text(path) or "")
        if found:
            return ManualStep(
                operation=_OPERATION,
                path=path,
                why=f"the auth package needs newer versions than {_shown(found[0])}",
                snippet="fastapi>=0.100\npydantic>=2",
            )
    why = "nothing pins FastAPI or pydantic too low"
    backend = integration.answers.auth_backend_dir
    return Skip(operation=_OPERATION, path=backend, why=why)


def _shown(requirement: str) -> str:
    """Return it without the quotes around it; those around a version stay."""
    written = requirement.strip()
    return written.strip("\"'") if written.startswith(('"', "'")) else written
