"""The diagnostics' results in the formats that other programs read.

To add one: its name in ``FORMATS``, and a module ``as_<name>`` whose function of the
same name takes the results and the project's folder within its repository.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...model import CheckResult

FORMATS = ("json", "github", "sarif", "junit")


def render_as(name: str, results: Sequence[CheckResult], folder: str) -> str:
    """Return the results in a format, whose module is imported only then."""
    module = import_module(f".as_{name}", __name__)
    return str(getattr(module, f"as_{name}")(results, folder))
