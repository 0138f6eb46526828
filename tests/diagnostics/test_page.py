"""The page about the diagnostics says what they are today."""

from __future__ import annotations

from write_diagnostics_page import PAGE, page


def test_the_page_is_made_from_the_diagnostics() -> None:
    """To bring it up to date: make generate."""
    assert PAGE.read_text() == page()
