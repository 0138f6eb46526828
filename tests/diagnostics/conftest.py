"""Projects in good health, made once for all the tests of the diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.seeded import Healthy

if TYPE_CHECKING:
    from pathlib import Path

    from support.copies import Copies


@pytest.fixture(scope="session")
def healthy(copies: Copies, shared: Path) -> Healthy:
    """Ask it for a copy of one, by name."""
    return Healthy(copies, shared / "healthy")
