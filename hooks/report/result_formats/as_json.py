"""The results as one JSON object, for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...model import CheckResult, Finding


def as_json(results: Sequence[CheckResult], folder: str) -> str:
    """Return the results with each problem that was found, and how many there are."""
    del folder  # places are relative to the project, as everywhere else
    counts = {s.value: sum(r.status is s for r in results) for s in Status}
    listed = [_result(result) for result in results]
    return json.dumps({"results": listed, "summary": counts}, indent=2) + "\n"


def _result(result: CheckResult) -> Mapping[str, object]:
    place = result.place
    return {
        "code": result.code,
        "name": result.name,
        "status": result.status,
        "message": result.message,
        "detail": result.detail,
        "remedy": result.remedy,
        "fixable": result.fixable,
        "file": place.path if place else None,
        "line": (place.line or None) if place else None,
        "documentation": result.documentation,
        "findings": [_finding(finding) for finding in result.findings],
    }


def _finding(finding: Finding) -> Mapping[str, object]:
    return {
        "status": finding.severity,
        "message": finding.message,
        "remedy": finding.remedy,
        "fixable": finding.fix is not None,
        "places": [
            {"file": place.path, "line": place.line or None, "why": place.why}
            for place in finding.evidence
        ],
    }
