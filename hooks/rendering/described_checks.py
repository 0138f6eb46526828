"""What each diagnostic looks at, for a project's TROUBLESHOOTING.md."""

from __future__ import annotations

import re
from pathlib import Path

# Made from the diagnostics and compared with them by a test. Reading them takes a
# hundredth of the time that importing them would take, for each render of an update.
PAGES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "diagnostics"
_PAGE = re.compile(r"# (BA\d{3}) (\S+)\n\n(.*?)\n\n## ", re.DOTALL)


def described_checks(pages: Path) -> tuple[dict[str, str], ...]:
    """Return code, name and description of each diagnostic that has a page."""
    texts = (page.read_text(encoding="utf-8") for page in sorted(pages.glob("*.md")))
    found = (match for text in texts if (match := _PAGE.match(text)))
    return tuple({"code": m[1], "name": m[2], "says": m[3]} for m in found)
