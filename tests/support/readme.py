"""The README's shell blocks, as the people who read it type them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from support.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(template: Path) -> list[str]:
    """Return them in reading order; ``git+URL`` is that template."""
    text = (ROOT / "README.md").read_text()
    return [
        b.replace("git+URL", f"git+file://{template}") for b in _BLOCK.findall(text)
    ]
