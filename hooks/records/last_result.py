"""DIAGNOSTICS.md: how things stood when the template last ran in this project.

Its own file, not a part of TROUBLESHOOTING.md: Copier renders that one from the
answers, three times in an update, and would take what the hook wrote into it for an
edit of the user's. This one Copier never sees. It holds neither a date nor anything
about the run itself, so that another one with the same results leaves it as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import FileEdit, Status
from ..rendering.commands import tool
from ..syntax.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import CheckResult, Outcome, Principle
    from ..repository import Repository

_SHOWN = {
    Status.PASS: "passed",
    Status.FIXED: "fixed",
    Status.WARN: "**to look at**",
    Status.FAIL: "**failed**",
    Status.SKIP: "skipped",
    Status.CRASH: "**crashed**",
}


def last_result(outcome: Outcome, repository: Repository) -> FileEdit:
    """Return the page, new or instead of the one that an earlier run has left."""
    path = f"{outcome.answers.auth_server_dir}/DIAGNOSTICS.md"
    return FileEdit(
        path=path,
        before=repository.read(path),
        after="\n".join(_lines(outcome)).encode() + b"\n",
        why=("the diagnostics' results",),
    )


def _lines(outcome: Outcome) -> Iterator[str]:
    yield "# Diagnostics"
    yield ""
    yield "What they said when the template last ran here. To ask again:"
    yield ""
    yield f"    {tool(outcome.source)} doctor"
    yield ""
    yield from _table(outcome.results)


def _table(results: Sequence[CheckResult]) -> Iterator[str]:
    yield "| diagnostic | result | |"
    yield "|---|---|---|"
    for r in results:
        link = f"[{r.code}](TROUBLESHOOTING.md#{r.code.lower()}-{r.name}) {r.name}"
        remedy = (
            f" Type: `{r.remedy}`" if r.remedy and r.status is not Status.PASS else ""
        )
        yield f"| {link} | {_SHOWN[r.status]} | {_cell(r.message + remedy)} |"


def principles_table(principles: Sequence[Principle]) -> Iterator[str]:
    """Yield the principles as rows of Markdown."""
    yield "| principle | held | seen |"
    yield "|---|---|---|"
    for p in principles:
        yield f"| {p.name} | {'yes' if p.held else '**no**'} | {_cell(p.seen)} |"


def _cell(text: str) -> str:
    return visible(" ".join(text.split())).replace("|", "\\|")
