"""The results as SARIF 2.1.0, which code scanning and editors read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import json
import os
import urllib.parse
from typing import TYPE_CHECKING

from ... import ANSWERS_FILE
from ...model import Evidence, Finding, Status
from ...repository.paths import join
from ..version import version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...model import CheckResult

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Mapping[Status, str] = {
    Status.CRASH: "error",
    Status.FAIL: "error",
    Status.WARN: "warning",
}


def as_sarif(results: Sequence[CheckResult], folder: str) -> str:
    """Return one run with a rule for each diagnostic and a result for each problem.

    ``folder`` is the project's within its repository.
    """
    run = {
        "tool": {"driver": _driver(results)},
        "columnKind": "unicodeCodePoints",
        "results": [one for result in results for one in _results(result, folder)],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _driver(results: Sequence[CheckResult]) -> Mapping[str, object]:
    rules = [_rule(result) for result in results]
    driver = {"name": "copier-better-auth", "rules": rules}
    return {**driver, "version": release} if (release := version()) else driver


def _rule(result: CheckResult) -> Mapping[str, object]:
    rule: dict[str, object] = {"id": result.code, "name": result.name}
    if result.documentation.startswith("https://"):
        rule["helpUri"] = result.documentation
    return rule


def _results(result: CheckResult, folder: str) -> Iterator[Mapping[str, object]]:
    found = result.findings
    if result.status is Status.CRASH:
        found = (Finding(message=result.message, severity=result.status),)
    for finding in found:
        if finding.severity in _LEVELS:
            # Code scanning takes no result without a place.
            places = finding.evidence or (Evidence(path=ANSWERS_FILE, why="all of it"),)
            yield _found(result.code, finding, [_location(p, folder) for p in places])


def _message(finding: Finding) -> str:
    return f"{finding.message}\n{finding.remedy}" if finding.remedy else finding.message


def _found(
    code: str, finding: Finding, places: Sequence[dict[str, object]]
) -> Mapping[str, object]:
    return {
        "ruleId": code,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": places[:1],
        "relatedLocations": [
            {**place, "id": number} for number, place in enumerate(places[1:], 1)
        ],
    }


def _location(place: Evidence, folder: str) -> dict[str, object]:
    # A name that is no UTF-8 has bytes of its own, and they are what is escaped.
    uri = urllib.parse.quote(os.fsencode(join(folder, place.path)))
    physical: dict[str, object] = {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}
    }
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical, "message": {"text": place.why}}
