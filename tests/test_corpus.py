"""The score of discovery: what counts as right, wrong and missing, and calibration."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.discovery import discover
from copier_better_auth.model import Confidence, Fact
from corpus.marks import GOALS, Mark, Read, calibration, marks
from corpus.score import calibrated, report, repositories
from support.repositories import factory, flat, full_stack, workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from copier_better_auth.model import Facts


def test_both_halves_are_apart() -> None:
    """Each repository is in one half, at one commit."""
    halves = [{one.repo for one in repositories(half)} for half in ("seen", "apart")]
    assert halves[0]
    assert not halves[0] & halves[1]
    for one in (*repositories("seen"), *repositories("apart")):
        assert re.fullmatch(r"[0-9a-f]{40}", one.commit)
        assert bool(one.facts) == (one.outcome == "found")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder: Path = tmp_path_factory.mktemp("scored")
    return discover(full_stack(folder))


@pytest.mark.parametrize(
    ("name", "truth", "shares"),
    [
        ("db_layer", "sqlmodel_sync", (1, 0, 0)),
        ("db_layer", "asyncpg", (0, 1, 0)),
        ("db_symbol", "app.other:get_db", (0, 1, 0)),
        ("existing_user_tables", ["user", "account"], (0.5, 0, 0.5)),
        ("existing_user_tables", ["account"], (0, 0.5, 0.5)),
        ("existing_user_tables", [], (0, 1, 0)),
        ("settings_module", None, (0, 1, 0)),
        ("auth_server_dir", "auth", (0, 0, 1)),
    ],
)
def test_shares_of_one_field(
    facts: Facts, name: str, truth: object, shares: tuple[float, float, float]
) -> None:
    """A value where there is none is wrong; none where there is one is missing."""
    read = Read(repo="a/b", commit="", shape="", outcome="found", facts={name: truth})
    mark = marks(read, facts)[1]
    assert (mark.right, mark.wrong, mark.missing) == shares


def test_any_of_two_sets_is_accepted(facts: Facts) -> None:
    """Where two readings of a set are right, the better one counts."""
    truth = {"existing_user_tables": ["user", "account"]}
    also: dict[str, list[object]] = {"existing_user_tables": [["user"]]}
    read = Read(
        repo="a/b", commit="", shape="", outcome="found", facts=truth, also=also
    )
    assert marks(read, facts)[1].right == 1


@pytest.mark.parametrize(
    ("said", "truth", "right"),
    [
        ("own code: API key", "own", 1),
        ("keycloak", "keycloak", 1),
        ("keycloak", "own", 0),
        ("own code: JWT bearer", "keycloak", 0),
    ],
)
def test_sign_in_of_another_server_is_told_from_the_hosts_own(
    facts: Facts, said: str, truth: str, right: int
) -> None:
    """The product that signs users in has to be named, and no other."""
    changed = replace(facts, existing_auth=Fact(value=said))
    read = Read(
        repo="a/b", commit="", shape="", outcome="found", facts={"existing_auth": truth}
    )
    assert marks(read, changed)[1].right == right


def test_calibration_counts_what_was_claimed(facts: Facts) -> None:
    """What is missing was not claimed."""
    sure: Fact[str] = Fact(value="asyncpg", confidence=Confidence.CERTAIN)
    changed = replace(facts, db_layer=sure, db_driver=Fact())
    truth = {"db_layer": "sqlmodel_sync", "db_driver": "psycopg", "app_attr": "app"}
    read = Read(repo="a/b", commit="", shape="", outcome="found", facts=truth)
    found = calibration(marks(read, changed))
    right, claimed = found[Confidence.CERTAIN]
    assert claimed - right == 1


BUILT: dict[str, Callable[[Path], Path]] = {
    "built/flat": flat,
    "built/factory": factory,
    "built/workspace": lambda folder: workspace(folder, "poetry", "pnpm"),
    "built/full_stack": full_stack,
}


def test_calibration_of_small_repositories(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is said to be certain is so, and likely nearly always; it is printed."""
    found: list[Mark] = []
    for number, read in enumerate(repositories("built")):
        folder = tmp_path / str(number)
        folder.mkdir()
        found += marks(read, discover(BUILT[read.repo](folder)))
    with capsys.disabled():
        print(f"\n{calibrated(found)}")  # noqa: T201 - what it is for
    for sure, (right, claimed) in calibration(found).items():
        assert claimed > 10, sure
        assert right >= GOALS[sure] * claimed, calibrated(found)


def test_report_names_nothing_of_the_half_that_is_apart(facts: Facts) -> None:
    """It says how much is wrong of which field, not where and not what it was."""
    truth = {"db_layer": "asyncpg", "app_attr": "app"}
    read = Read(repo="a/b", commit="", shape="", outcome="found", facts=truth)
    told = report(marks(read, facts), named=False)
    assert "a/b" not in told
    assert "sqlmodel" not in told
    assert "silently wrong: 33.3 % (goal 1.0 %), 1.0 with a * (goal 0)" in told
    assert "and wrong: db_layer 1.0" in told
    assert "a/b db_layer" in report(marks(read, facts), named=True)


def test_asking_is_right_where_a_person_must_choose(facts: Facts) -> None:
    """And to choose silently is wrong."""
    read = Read(repo="a/b", commit="", shape="", outcome="ambiguous")
    assert marks(read, replace(facts, ambiguous=True))[0].right
    assert marks(read, facts)[0].wrong
