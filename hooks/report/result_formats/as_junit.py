"""The results as JUnit's XML, which every CI service shows as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ...model import Status
from ...syntax.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...model import CheckResult

_SUITE = "copier-better-auth doctor"
# A warning is no failure here either: the doctor's exit code is 0 with it.
_INSIDE = {
    Status.CRASH: "error",
    Status.FAIL: "failure",
    Status.WARN: "system-out",
    Status.SKIP: "skipped",
}


def as_junit(results: Sequence[CheckResult], folder: str) -> str:
    """Return one suite with a test for each diagnostic."""
    del folder  # places are relative to the project, as everywhere else
    suite = ET.Element(
        "testsuite",
        name=_SUITE,
        tests=str(len(results)),
        errors=_count(results, Status.CRASH),
        failures=_count(results, Status.FAIL),
        skipped=_count(results, Status.SKIP),
    )
    for result in results:
        _add_case(suite, result)
    ET.indent(suite)
    return ET.tostring(suite, "unicode", xml_declaration=True) + "\n"


def _count(results: Sequence[CheckResult], status: Status) -> str:
    return str(sum(result.status is status for result in results))


def _add_case(suite: ET.Element, result: CheckResult) -> None:
    name = f"{result.code} {result.name}"
    case = ET.SubElement(suite, "testcase", classname=_SUITE, name=name)
    if result.status not in _INSIDE:
        return
    inside = ET.SubElement(case, _INSIDE[result.status])
    if result.status is not Status.WARN:
        inside.set("message", visible(result.message))
    lines = (result.message, *result.detail.splitlines(), result.remedy)
    inside.text = "\n".join(visible(line) for line in lines if line)
