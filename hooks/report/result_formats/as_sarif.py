"""The results as SARIF 2.1.0, which code scanning and editors read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import json
import urllib.parse
from typing import TYPE_CHECKING

from ...model import Status
from ..version import version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...model import CheckResult, Evidence, Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Mapping[Status, str] = {
    Status.CRASH: "error",
    Status.FAIL: "error",
    Status.WARN: "warning",
}


def as_sarif(results: Sequence[CheckResult]) -> str:
    """Return one run with a rule for each diagnostic and a result for each problem."""
    run = {
        "tool": {"driver": _driver(results)},
        "columnKind": "unicodeCodePoints",
        "results": [found for result in results for found in _results(result)],
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


def _results(result: CheckResult) -> Iterator[Mapping[str, object]]:
    if result.status is Status.CRASH:
        yield _found(result.code, result.status, result.message, ())
    for finding in result.findings:
        if finding.severity in _LEVELS:
            message = _message(finding)
            yield _found(result.code, finding.severity, message, finding.evidence)


def _message(finding: Finding) -> str:
    return f"{finding.message}\n{finding.remedy}" if finding.remedy else finding.message


def _found(
    code: str, status: Status, message: str, places: Sequence[Evidence]
) -> Mapping[str, object]:
    return {
        "ruleId": code,
        "level": _LEVELS[status],
        "message": {"text": message},
        "locations": [_location(place) for place in places[:1]],
        "relatedLocations": [
            {**_location(place), "id": number, "message": {"text": place.why}}
            for number, place in enumerate(places[1:], 1)
        ],
    }


def _location(place: Evidence) -> dict[str, object]:
    physical: dict[str, object] = {
        "artifactLocation": {
            "uri": urllib.parse.quote(place.path),
            "uriBaseId": "%SRCROOT%",
        }
    }
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}
