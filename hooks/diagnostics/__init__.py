"""The diagnostics, in the order in which their results are read.

One that finds several problems is a package: its class describes and orders them, and
each has a module with ``find``, ``probe`` or both, and ``BROKEN``, examples of it. To
add one: its class in ``CHECKS``. Tests, the page ``docs/diagnostics.md`` and ``--json``
follow from that line.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..model import CheckResult, Plan, Safety, Status
from ..rendering.commands import as_typed, repository_page
from ..repository.staging import Staging
from ..workspace.still_parses import broken_by
from ._check import Check
from ._project import PATIENCE, Project
from .alembic_autogenerate import AlembicAutogenerate
from .application import Application
from .auth_package import AuthPackage
from .columns.schema_types import SchemaTypes
from .columns.timestamps import Timestamps
from .conflict_markers import ConflictMarkers
from .cookies import Cookies
from .deployment import Deployment
from .email import Email
from .esm import Esm
from .existing_users import ExistingUsers
from .origins import Origins
from .parity import Parity
from .route_order import RouteOrder
from .router_included import RouterIncluded
from .schema_drift import SchemaDrift
from .secret_hygiene import SecretHygiene
from .sign_up import SignUp
from .toolchain import Toolchain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..model import FileEdit, Finding, Fix, Integration

__all__ = ["CHECKS", "Check", "after_fixes", "plan_fixes", "run_checks"]

CHECKS: tuple[type[Check], ...] = (
    Esm,
    RouteOrder,
    SchemaTypes,
    Cookies,
    Deployment,
    Email,
    AlembicAutogenerate,
    Timestamps,
    Parity,
    Origins,
    Toolchain,
    SecretHygiene,
    SchemaDrift,
    ExistingUsers,
    ConflictMarkers,
    Application,
    RouterIncluded,
    AuthPackage,
    SignUp,
)

_NONE: Mapping[str, str] = MappingProxyType({})
# Fixes of one diagnostic; each sees what the one before it left.
_MOST_FIXES = 25
_WORST_FIRST = (Status.FAIL, Status.WARN, Status.SKIP)


def run_checks(  # noqa: PLR0913 - which, how, and who is told
    integration: Integration,
    *,
    only: str | None = None,
    ignored: Mapping[str, str] = _NONE,
    probe: bool = False,
    patience: float = PATIENCE,
    started: Callable[[type[Check]], None] | None = None,
) -> Iterator[CheckResult]:
    """Run the diagnostics; one that crashes is a result, and the rest still run.

    ``only`` is the code of a single one; those of ``ignored``, a reason by code, are
    skipped. With ``probe`` they also start and ask what can be started and asked, for
    ``patience`` seconds. ``started`` is told of each before it runs.
    """
    project = Project(integration, Staging(integration.root), patience=patience)
    for check in _chosen(only):
        if check.code in ignored:
            yield _ignored(check, ignored[check.code], project)
            continue
        if started is not None:
            started(check)
        yield _checked(check, project, probe=probe)


def plan_fixes(
    integration: Integration,
    *,
    only: str | None = None,
    ignored: Mapping[str, str] = _NONE,
    probe: bool = False,
    after: Sequence[FileEdit] = (),
) -> tuple[Plan, dict[str, tuple[str, ...]]]:
    """Plan every safe fix as one change, and say by code what each one did.

    Nothing of what is ``ignored`` is fixed. A fix sees the files as ``after`` leaves
    them, edits that are planned already and come back as part of the plan, and as the
    fixes before it do. What a crashing diagnostic planned until then stays: fixes are
    independent. A fix that leaves what it was for, or after which a diagnostic fails
    that had not failed before, is left to the user.
    """
    checks = tuple(check for check in _chosen(only) if check.code not in ignored)
    staging, titles = _fixed(integration, checks, after, probe=probe, careful=False)
    if titles and _failing(integration, staging) - _failing(
        integration, _staged(integration, after)
    ):
        staging, titles = _fixed(integration, checks, after, probe=probe, careful=True)
    return Plan(edits=staging.edits), titles


def _fixed(
    integration: Integration,
    checks: Sequence[type[Check]],
    after: Sequence[FileEdit],
    *,
    probe: bool,
    careful: bool,
) -> tuple[Staging, dict[str, tuple[str, ...]]]:
    staging = _staged(integration, after)
    titles: dict[str, tuple[str, ...]] = {}
    refused: set[str] = set()
    project = Project(integration, staging)
    for check in checks:
        done: list[str] = []
        for _ in range(_MOST_FIXES):
            fix = _next_fix(check, project, refused, probe=probe)
            if fix is None or (fix.title in done and _creates(fix)):
                break
            tried = _staged(integration, (*staging.edits, *fix.plan.edits))
            seen = Project(integration, tried)  # forgets what was read before
            if _leaves(fix, check, project, seen) or (
                careful
                and _failing(integration, tried) - _failing(integration, staging)
            ):
                refused.add(fix.title)
                continue
            staging, project = tried, seen
            done.append(fix.title)
        if done:
            titles[check.code] = tuple(dict.fromkeys(done))
    return staging, titles


def _staged(integration: Integration, edits: Sequence[FileEdit]) -> Staging:
    staging = Staging(integration.root)
    for edit in edits:
        staging.add(edit)
    return staging


def _failing(integration: Integration, staging: Staging) -> set[str]:
    """Return the codes of the diagnostics that fail by what the files show."""
    project = Project(integration, staging)
    results = (_checked(check, project, probe=False) for check in CHECKS)
    return {r.code for r in results if r.status in {Status.FAIL, Status.CRASH}}


def after_fixes(
    results: Sequence[CheckResult], titles: dict[str, tuple[str, ...]]
) -> tuple[CheckResult, ...]:
    """Call a diagnostic fixed where its fix was applied and it now finds nothing."""
    return tuple(
        replace(r, status=Status.FIXED, message="; ".join(titles[r.code]))
        if r.code in titles and r.status in {Status.PASS, Status.SKIP}
        else r
        for r in results
    )


def _chosen(only: str | None) -> Iterator[type[Check]]:
    return (check for check in CHECKS if only in {None, check.code})


def _next_fix(
    check: type[Check], project: Project, refused: set[str], *, probe: bool
) -> Fix | None:
    fixes = (finding.fix for finding in _found(check, project, probe=probe))
    safe = (f for f in fixes if f and f.safety is Safety.SAFE)
    return next((f for f in safe if f.title not in refused), None)


def _leaves(fix: Fix, check: type[Check], before: Project, after: Project) -> bool:
    """Return True if the files show as much to repair after a fix as before it.

    What only a running server shows, or a new file mends when it is run, stays shown.
    """
    shown = _shown(fix, check, before)
    return bool(shown) and not _creates(fix) and _shown(fix, check, after) >= shown


def _shown(fix: Fix, check: type[Check], project: Project) -> int:
    """Count the findings that the files show and that this fix is for."""
    findings = _found(check, project, probe=False)
    return sum(f.fix is not None and f.fix.title == fix.title for f in findings)


def _found(check: type[Check], project: Project, *, probe: bool) -> list[Finding]:
    """Return what a diagnostic finds; nothing where it crashes."""
    try:
        return _findings(check, project, probe=probe)
    except Exception:  # noqa: BLE001 - the check that follows reports it
        return []


def _creates(fix: Fix) -> bool:
    """Return True if a fix adds a file, which must not be added twice."""
    return any(edit.before is None for edit in fix.plan.edits)


def _findings(check: type[Check], project: Project, *, probe: bool) -> list[Finding]:
    instance = check()
    found = list(instance.detect(project))
    found += instance.probe(project) if probe else ()
    return [_with_possible_fix(finding) for finding in found]


def _with_possible_fix(finding: Finding) -> Finding:
    """Leave a repair to the user where a file would not be read any more after it."""
    edits = finding.fix.plan.edits if finding.fix else ()
    broken = next((f"{e.path}: {why}" for e in edits if (why := broken_by(e))), "")
    if not broken or finding.fix is None:
        return finding
    remedy = f"by hand, as {broken}: {finding.fix.title}"
    return replace(finding, fix=None, remedy=remedy)


def _ignored(check: type[Check], reason: str, project: Project) -> CheckResult:
    why = f"ignored: {reason}"
    return CheckResult(
        code=check.code,
        name=check.name,
        status=Status.SKIP,
        message=why,
        detail=why,
        documentation=_documentation(check, project),
    )


def _checked(check: type[Check], project: Project, *, probe: bool) -> CheckResult:
    try:
        result = _result(check, _findings(check, project, probe=probe))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this check's
        result = CheckResult(
            code=check.code,
            name=check.name,
            status=Status.CRASH,
            message=f"the diagnostic itself failed: {type(error).__name__}",
            remedy="please report this",
        )
    source = project.source
    return replace(
        result,
        remedy=as_typed(result.remedy, source),
        documentation=_documentation(check, project),
        findings=tuple(
            replace(found, remedy=as_typed(found.remedy, source))
            for found in result.findings
        ),
    )


def _documentation(check: type[Check], project: Project) -> str:
    """Return the address of its page, in the project where the template has none."""
    code = check.code.lower()
    if page := repository_page(project.source):
        return f"{page}/blob/HEAD/docs/reference/diagnostics/{code}.md"
    return f"{project.server}/TROUBLESHOOTING.md#{code}-{check.name}"


def _result(check: type[Check], findings: list[Finding]) -> CheckResult:
    if not findings:
        return CheckResult(
            code=check.code, name=check.name, status=Status.PASS, message=check.healthy
        )
    ordered = sorted(findings, key=lambda f: _WORST_FIRST.index(f.severity))
    worst = ordered[0]
    if worst.severity is Status.SKIP:
        return CheckResult(
            code=check.code,
            name=check.name,
            status=Status.SKIP,
            message=f"{check.healthy}, as far as the files show; {worst.message}",
            detail=worst.message,
            remedy=worst.remedy,
            findings=tuple(ordered),
        )
    more = sum(f.severity is worst.severity for f in findings) - 1
    return CheckResult(
        code=check.code,
        name=check.name,
        status=worst.severity,
        message=f"{worst.message} (and {more} more)" if more else worst.message,
        detail="\n".join(str(e) for f in ordered for e in f.evidence),
        remedy=worst.remedy,
        fixable=any(f.fix is not None for f in findings),
        findings=tuple(ordered),
    )
