"""The page about the diagnostics says what they are today."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_the_page_is_made_from_the_diagnostics() -> None:
    """To bring it up to date: python tests/diagnostics/page.py."""
    file = Path(__file__).with_name("page.py")
    spec = importlib.util.spec_from_file_location("page", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text() == module.page()
