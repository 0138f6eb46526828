"""The results as annotations of GitHub Actions, which it shows beside the lines.

Source: "Workflow commands for GitHub Actions" in GitHub's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Status
from ...repository.paths import join
from ...syntax.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...model import CheckResult, Finding

_LEVELS: Mapping[Status, str] = {
    Status.CRASH: "error",
    Status.FAIL: "error",
    Status.WARN: "warning",
}
# What ends a command, a property or a value, and the sign that escapes it.
_IN_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_TEXT | str.maketrans({":": "%3A", ",": "%2C"})


def as_github(results: Sequence[CheckResult], folder: str) -> str:
    """Return an annotation for each problem, and nothing for what is well.

    ``folder`` is the project's within its repository.
    """
    lines = (line for result in results for line in _annotations(result, folder))
    return "".join(f"{line}\n" for line in lines)


def _annotations(result: CheckResult, folder: str) -> Iterator[str]:
    if result.status not in _LEVELS:
        return
    title = f"{result.code} {result.name}"
    if not result.findings:
        yield _command(result.status, title, {}, [result.message, result.remedy])
    for finding in result.findings:
        if finding.severity in _LEVELS:
            text = [finding.message, finding.remedy, result.documentation]
            yield _command(finding.severity, title, _place(finding, folder), text)


def _place(finding: Finding, folder: str) -> Mapping[str, str]:
    for place in finding.evidence:
        return {"file": join(folder, place.path), "line": str(place.line or 1)}
    return {}


def _command(
    status: Status, title: str, place: Mapping[str, str], lines: Sequence[str]
) -> str:
    given = {**place, "title": title}
    properties = ",".join(
        f"{name}={visible(value).translate(_IN_PROPERTY)}"
        for name, value in given.items()
    )
    text = "\n".join(visible(line) for line in lines if line).translate(_IN_TEXT)
    return f"::{_LEVELS[status]} {properties}::{text}"
