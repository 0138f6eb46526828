"""Projects in good health, rendered once for all the tests of the diagnostics."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.seeded import Healthy

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def healthy(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Healthy:
    """Ask it for a copy of one, by name."""
    folder = tmp_path_factory.getbasetemp()
    # Beneath the folder that all processes of this run share.
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    (shared / "healthy").mkdir(exist_ok=True)
    return Healthy(template, shared / "healthy")
