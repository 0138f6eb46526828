"""The diagnostics, in the order in which their results are read.

To add one: a module named for the problem, and its class in ``CHECKS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import CheckResult, Status
from .esm import Esm
from .secret_hygiene import SecretHygiene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Integration
    from ._check import Check

CHECKS: tuple[type[Check], ...] = (Esm, SecretHygiene)


def run_checks(integration: Integration) -> Iterator[CheckResult]:
    """Run every diagnostic; one that crashes is a result, and the rest still run."""
    for check in CHECKS:
        try:
            yield _result(check, integration)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this check's
            yield CheckResult(
                code=check.code,
                name=check.name,
                status=Status.CRASH,
                message=f"the diagnostic itself failed: {type(error).__name__}",
                remedy="please report this",
            )


def _result(check: type[Check], integration: Integration) -> CheckResult:
    findings = list(check().detect(integration))
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
