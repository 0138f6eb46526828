"""Interim."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Facts


def suggestions(facts: Facts, backend_dir: str = "", app: str = "") -> Mapping[str, object]:
    """Interim."""
    return {"auth_new_project": facts.app_module.value is None}
