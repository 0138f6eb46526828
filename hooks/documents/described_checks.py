"""What each diagnostic looks at, for a project's TROUBLESHOOTING.md."""

from __future__ import annotations

import re
from pathlib import Path

# Made from the diagnostics and compared with them by a test. Reading it takes a
# hundredth of the time that importing them would take, for each render of an update.
PAGE = Path(__file__).resolve().parents[2] / "docs" / "diagnostics.md"
_SECTION = re.compile(r"(?ms)^## (BA\d{3}) (\S+)\n\n(.*?)\n\n(?:Healthy:|\| seeded)")


def described_checks(page: Path) -> tuple[dict[str, str], ...]:
    """Return code, name and description of each diagnostic on the page."""
    return tuple(
        {"code": code, "name": name, "says": says}
        for code, name, says in _SECTION.findall(page.read_text(encoding="utf-8"))
    )
