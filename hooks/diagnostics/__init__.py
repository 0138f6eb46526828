"""The diagnostics, in the order in which their results are read.

To add one: a module named for the problem, and its class in ``CHECKS``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import CheckResult, Safety, Status
from .esm import Esm
from .secret_hygiene import SecretHygiene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Finding, Integration, Plan
    from ._check import Check

CHECKS: tuple[type[Check], ...] = (Esm, SecretHygiene)


def run_checks(
    integration: Integration,
    *,
    only: str | None = None,
    repair: Callable[[Plan], None] | None = None,
) -> Iterator[CheckResult]:
    """Run the diagnostics; one that crashes is a result, and the rest still run.

    ``only`` is the code of a single one. ``repair`` applies a safe fix's plan; the
    diagnostic then runs again, and only a pass counts as fixed.
    """
    for check in CHECKS:
        if only not in {None, check.code}:
            continue
        try:
            yield _checked(check, integration, repair)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this check's
            yield CheckResult(
                code=check.code,
                name=check.name,
                status=Status.CRASH,
                message=f"the diagnostic itself failed: {type(error).__name__}",
                remedy="please report this",
            )


def _checked(
    check: type[Check],
    integration: Integration,
    repair: Callable[[Plan], None] | None,
) -> CheckResult:
    findings = list(check().detect(integration))
    fixes = [f.fix for f in findings if f.fix and f.fix.safety is Safety.SAFE]
    if repair is None or not fixes:
        return _result(check, findings)
    for fix in fixes:
        repair(fix.plan)
    after = _result(check, list(check().detect(integration)))
    if after.status is not Status.PASS:
        return after
    done = "; ".join(fix.title for fix in fixes)
    return replace(after, status=Status.FIXED, message=done)


def _result(check: type[Check], findings: list[Finding]) -> CheckResult:
    if not findings:
        return CheckResult(
            code=check.code, name=check.name, status=Status.PASS, message=check.healthy
        )
    worst = next((f for f in findings if f.severity is Status.FAIL), findings[0])
    return CheckResult(
        code=check.code,
        name=check.name,
        status=worst.severity,
        message=worst.message,
        detail="\n".join(str(e) for f in findings for e in f.evidence),
        remedy=worst.remedy,
        fixable=any(f.fix is not None for f in findings),
    )
