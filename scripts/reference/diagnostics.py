"""The overview of the diagnostics, and a page for each; made from their classes.

``hooks/rendering/described_checks.py`` reads the pages for TROUBLESHOOTING.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copier_better_auth.diagnostics import CHECKS
from reference.markdown import plain_code, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from copier_better_auth.diagnostics import Check

_HEAD = """\
# Diagnostics

What `copier-better-auth doctor` looks at, and how each is known to work. Made from the
diagnostics themselves by `make generate`; do not edit it.

    copier-better-auth doctor            # run them
    copier-better-auth doctor --diff     # show what --fix would change
    copier-better-auth doctor --fix      # apply the safe fixes, and check again
    copier-better-auth undo              # take them back, byte for byte
    copier-better-auth explain TEXT      # from an error or a log to its diagnostic

Every seeded bug is put into a rendered project by the tests, found, and, where it says
so, repaired, checked again and undone. A bug that is not repaired is the user's to
decide: the finding says what to type.
"""


def overview() -> str:
    """Return the page with a row for each diagnostic."""
    head = ("diagnostic", "how proved", "fixable", "seeded bugs found")
    rows = (_row(check) for check in CHECKS)
    return "\n".join((_HEAD, *table(head, rows))) + "\n"


def pages() -> Mapping[str, str]:
    """Return the page of each diagnostic by its name, the code in lower case."""
    return {
        f"{check.code.lower()}.md": "\n".join(_page(check)) + "\n" for check in CHECKS
    }


def _row(check: type[Check]) -> tuple[str, str, str, str]:
    link = f"[{check.code} {check.name}](reference/diagnostics/{check.code.lower()}.md)"
    fixed, total = sum(bug.fixed for bug in check.broken), len(check.broken)
    return link, check.proof, f"{fixed} of {total}", f"{total} of {total}"


def _page(check: type[Check]) -> Iterator[str]:
    yield f"# {check.code} {check.name}"
    yield ""
    yield plain_code(check.__doc__ or "")
    yield ""
    yield "## Healthy"
    yield ""
    yield from (f"    {line}".rstrip() for line in check.example.splitlines())
    yield ""
    yield "## What it finds"
    yield ""
    rows = (
        (bug.title, bug.severity, "yes" if bug.fixed else "by hand")
        for bug in check.broken
    )
    yield from table(("seeded bug", "found as", "repaired by `doctor --fix`"), rows)
    yield ""
    yield f"How it is proved: {check.proof}."
    yield ""
    yield "Run it alone, from the project's root:"
    yield ""
    yield f"    copier-better-auth doctor --check {check.code}"
    yield ""
    yield "[All diagnostics](../../diagnostics.md)"
