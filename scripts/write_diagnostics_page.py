"""The page ``docs/diagnostics.md``, made from the diagnostics themselves.

Run as a program it writes the page; a test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from copier_better_auth.diagnostics import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copier_better_auth.diagnostics import Check

PAGE = Path(__file__).parents[1] / "docs" / "diagnostics.md"

_HEAD = """\
# Diagnostics

What `copier-better-auth doctor` looks at. Made from the diagnostics themselves by
`make generate`; do not edit it.

    copier-better-auth doctor            # run them
    copier-better-auth doctor --diff     # show what --fix would change
    copier-better-auth doctor --fix      # apply the safe fixes, and check again
    copier-better-auth undo              # take them back, byte for byte
    copier-better-auth explain TEXT      # from an error or a log to its diagnostic

Every seeded bug is put into a rendered project by the tests, found, and, where it says
so, repaired, checked again and undone. A bug that is not repaired is the user's to
decide: the finding says what to type.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "| diagnostic | how proved | fixable | seeded bugs found |"
    yield "|---|---|---|---|"
    for check in CHECKS:
        link = f"[{check.code} {check.name}](#{check.code.lower()}-{check.name})"
        fixed = sum(bug.fixed for bug in check.broken)
        total = len(check.broken)
        yield f"| {link} | {check.proof} | {fixed} of {total} | {total} of {total} |"
    for check in CHECKS:
        yield from _section(check)


def _section(check: type[Check]) -> Iterator[str]:
    yield ""
    yield f"## {check.code} {check.name}"
    yield ""
    for line in (check.__doc__ or "").strip().splitlines():
        yield line.strip().replace("``", "`")
    yield ""
    yield "Healthy:"
    yield ""
    yield from (f"    {line}" for line in check.example.splitlines())
    yield ""
    yield "| seeded bug | found as | repaired |"
    yield "|---|---|---|"
    for bug in check.broken:
        yield f"| {bug.title} | {bug.severity} | {'yes' if bug.fixed else 'by hand'} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
