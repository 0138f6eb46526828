"""What a change adds to a file, as the lines that a person would type."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import FileEdit


def added_lines(edit: FileEdit) -> str:
    """Return the lines that an edit adds; what holds a secret is only named."""
    if edit.secret:
        return f"# {'; '.join(edit.why)}"
    before, after = (
        [] if data is None else data.decode("utf-8", "replace").splitlines()
        for data in (edit.before, edit.after)
    )
    compared = difflib.ndiff(before, after)
    return "\n".join(line[2:] for line in compared if line.startswith("+ "))
