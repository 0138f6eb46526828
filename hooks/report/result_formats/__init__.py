"""The diagnostics' results in the formats that other programs read.

To add one: a module with a function of the same signature, and its line in ``FORMATS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .as_github import as_github
from .as_json import as_json
from .as_junit import as_junit
from .as_sarif import as_sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...model import CheckResult

__all__ = ["FORMATS"]

FORMATS: Mapping[str, Callable[[Sequence[CheckResult], str], str]] = {
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
    "junit": as_junit,
}
