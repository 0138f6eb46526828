"""What the trial of public repositories reads: its facts, and test results by name."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from campaign.facts import repositories
from campaign.machine import Done
from campaign.outcomes import broken, results


def test_the_thirty_have_all_that_is_needed() -> None:
    """Each is one repository at one commit; every shape and manager is among them."""
    found = repositories()
    assert len({one.repo for one in found}) == len(found) == 30
    assert all(re.fullmatch(r"[0-9a-f]{40}", one.commit) for one in found)
    shapes = Counter(
        kind
        for one in found
        for kind in ("monorepo", "compose", "middleware", "schemas", "create_all")
        if kind in one.shape
    )
    assert min(shapes.values()) >= 3
    assert len(shapes) == 5
    others = ("MySQL", "MariaDB", "SQLite", "Tortoise", "no database")
    assert sum(any(kind in one.shape for kind in others) for one in found) >= 3
    assert {"uv", "poetry", "pdm", "pip", "hatch"} <= {one.manager for one in found}


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("tests/test_a.py::test_one PASSED     [ 50%]", {"test_one": True}),
        ("tests/test_a.py::test_one FAILED     [100%]", {"test_one": False}),
        ("tests/test_a.py::test_one ERROR", {"test_one": False}),
        ("[gw1] [ 12%] PASSED tests/test_a.py::test_one ", {"test_one": True}),
        ("tests/test_a.py::test_one[a b] PASSED [ 1%]", {"test_one[a b]": True}),
        ("\x1b[32mtests/test_a.py::test_one \x1b[0mPASSED", {"test_one": True}),
        ("tests/test_a.py::test_one SKIPPED (no server)", {}),
        ("1 passed in 0.1s", {}),
    ],
)
def test_results_are_read_by_name(printed: str, read: dict[str, bool]) -> None:
    """As pytest prints them, coloured or not, alone or from several workers."""
    found = results(Done(code=0, text=f"collected\n{printed}\n"))
    assert {name.partition("::")[2]: ok for name, ok in found.items()} == read


def test_what_passed_before_must_pass_after() -> None:
    """What failed before, or was not reached now, is no loss; nothing at all is."""
    before = {"a": True, "b": True, "c": False}
    assert broken(before, {"a": True, "b": True}, "") == []
    assert broken(before, {"a": True}, "") == []
    assert broken(before, {"a": False, "b": True}, "") == ["own tests: a passed before"]
    assert broken(before, {}, "could not be run") == ["own tests could not be run"]
    assert broken({"c": False}, {}, "") == []
