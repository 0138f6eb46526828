"""The diagnostics' results, for people and for scripts."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from ..model import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import CheckResult


def failed(results: Sequence[CheckResult]) -> bool:
    """Tell whether any diagnostic failed or crashed."""
    return any(result.status in {Status.FAIL, Status.CRASH} for result in results)


def results_as_json(results: Sequence[CheckResult]) -> str:
    """Return the results as the contract's JSON object."""
    counts = {s.value: sum(r.status is s for r in results) for s in Status}
    listed = [dataclasses.asdict(result) for result in results]
    return json.dumps({"results": listed, "summary": counts}, indent=2) + "\n"


def render_results(results: Sequence[CheckResult]) -> str:
    """Return the results as text, problems first, each with what to type."""
    healthy = {Status.PASS, Status.SKIP}
    lines: list[str] = []
    for result in sorted(results, key=lambda r: r.status in healthy):
        label = result.status.value.upper()
        lines.append(f"{label:<5} {result.code} {result.name}: {result.message}")
        if result.remedy:
            lines.append(f"      {result.remedy}")
    return "\n".join(lines) + "\n"
