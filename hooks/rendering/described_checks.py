"""What each diagnostic looks at, for a project's TROUBLESHOOTING.md."""

from __future__ import annotations

import re
from pathlib import Path

# Made from the diagnostics and compared with them by a test. Reading it takes a
# hundredth of the time that importing them would take, for each render of an update.
PAGE = Path(__file__).resolve().parents[2] / "docs" / "diagnostics.md"
_TITLE = re.compile(r"(BA\d{3}) (\S+)\n\n")
_ENDS = ("\n\nHealthy:", "\n\n| seeded")


def described_checks(page: Path) -> tuple[dict[str, str], ...]:
    """Return code, name and description of each diagnostic on the page."""
    found: list[dict[str, str]] = []
    for section in page.read_text(encoding="utf-8").split("\n## ")[1:]:
        title = _TITLE.match(section)
        says = section[title.end() :] if title else ""
        for end in _ENDS:
            says = says.partition(end)[0]
        if title:
            found.append({"code": title[1], "name": title[2], "says": says})
    return tuple(found)
