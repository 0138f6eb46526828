"""Which diagnostics a project does not want to hear of, each with its reason."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, cast

from ..errors import UsageError
from ..repository.paths import join
from ..repository.staging import Staging
from . import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..model import Integration

_CODES = tuple(check.code for check in CHECKS)
_TABLE = "[tool.copier-better-auth.ignore]"


def ignored_diagnostics(
    integration: Integration, given: Iterable[str] = ()
) -> Mapping[str, str]:
    """Return the reasons by code, of ``--ignore`` and of the project's pyproject.toml.

    There it is a table, in the repository's root or in the backend's folder::

        [tool.copier-better-auth.ignore]
        BA012 = "the secret is the vault's"

    Raises ``UsageError`` for a code that there is not, and for one without a reason.
    """
    reasons: dict[str, str] = {}
    staging = Staging(integration.root)
    backend = (
        integration.facts.manifest_dir.value or integration.answers.auth_backend_dir
    )
    for path in dict.fromkeys(("pyproject.toml", join(backend, "pyproject.toml"))):
        reasons |= _in(path, staging.text(path) or "")
    for code in given:
        _must_be_known(code, "--ignore")
        reasons.setdefault(code, "by --ignore")
    return reasons


def _in(path: str, text: str) -> dict[str, str]:
    try:
        found: object = tomllib.loads(text)
    except (ValueError, RecursionError):  # what tomllib and a number of any size raise
        return {}  # other tools of the project will say so
    for name in ("tool", "copier-better-auth", "ignore"):
        inner = cast("dict[str, object]", found) if isinstance(found, dict) else {}
        found = inner.get(name, {})
    if not isinstance(found, dict):
        message = f"{path}: {_TABLE} is a table: a code and its reason on each line"
        raise UsageError(message)
    reasons: dict[str, str] = {}
    for code, reason in cast("dict[str, object]", found).items():
        _must_be_known(code, f"{path}: {_TABLE}")
        if not isinstance(reason, str) or not reason.strip():
            message = f'{path}: {_TABLE} {code} needs a reason: {code} = "why"'
            raise UsageError(message)
        reasons[code] = " ".join(reason.split())
    return reasons


def _must_be_known(code: str, where: str) -> None:
    if code not in _CODES:
        known = ", ".join(_CODES)
        message = f"{where} {code}: there is no such diagnostic; one of {known}"
        raise UsageError(message)
