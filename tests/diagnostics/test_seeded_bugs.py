"""Every diagnostic finds its seeded bugs in rendered projects, and repairs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from copier_better_auth.diagnostics import CHECKS
from copier_better_auth.model import Status
from support.seeded import Healthy, contents, repair, results, seed, undo

if TYPE_CHECKING:
    from pathlib import Path

    from copier_better_auth.diagnostics import Check
    from copier_better_auth.diagnostics._check import Broken

CASES = [(check, bug) for check in CHECKS for bug in check.broken]
NAMES = [f"{check.code} {bug.title}" for check, bug in CASES]
QUIET = {Status.PASS, Status.SKIP}


@pytest.fixture(scope="module")
def healthy(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Healthy:
    return Healthy(template, tmp_path_factory.mktemp("healthy"))


@pytest.mark.parametrize("check", CHECKS, ids=[check.code for check in CHECKS])
def test_a_diagnostic_brings_its_documentation(check: type[Check]) -> None:
    """What, why and how to fix; how it is proved; five ways to go wrong."""
    what, _, rest = (check.__doc__ or "").partition("\n\n")
    assert what.endswith(".")
    assert len(rest.split()) > 25
    assert check.proof
    assert check.healthy
    assert check.example
    assert len({bug.title for bug in check.broken}) >= 5


@pytest.mark.parametrize(("check", "bug"), CASES, ids=NAMES)
def test_a_seeded_bug_is_found_and_repaired(
    healthy: Healthy, tmp_path: Path, check: type[Check], bug: Broken
) -> None:
    """Found with its place; repaired at once and for good; undone byte for byte."""
    project = healthy.copy_of(bug.project, tmp_path)
    seed(project, bug)
    broken = contents(project)
    (found,) = results(project, check.code)
    assert found.status is bug.severity, found
    assert found.detail
    assert found.remedy or not bug.fixed
    assert found.fixable or not bug.fixed
    if not bug.fixed:
        return
    (fixed,) = repair(project, check.code)
    assert fixed.status is Status.FIXED, fixed
    repaired = contents(project)
    assert repaired != broken
    (again,) = repair(project, check.code)
    assert again.status is Status.PASS
    assert contents(project) == repaired
    undo(project)
    assert contents(project) == broken


@pytest.mark.parametrize("name", ["default", "jwt", "every method"])
def test_a_healthy_project_has_no_finding(
    healthy: Healthy, tmp_path: Path, name: str
) -> None:
    """Zero false alarms on what the template itself renders."""
    project = healthy.copy_of(name, tmp_path)
    assert [r for r in results(project) if r.status not in QUIET] == []
