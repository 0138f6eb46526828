"""The score of discovery: what counts as right, wrong and missing, and calibration."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from copier_better_auth.discovery import discover
from copier_better_auth.model import Confidence, Fact
from corpus.marks import Read, calibration, marks
from corpus.score import repositories
from support.repositories import full_stack

if TYPE_CHECKING:
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


def test_calibration_counts_what_was_claimed(facts: Facts) -> None:
    """What is missing was not claimed."""
    sure: Fact[str] = Fact(value="asyncpg", confidence=Confidence.CERTAIN)
    changed = replace(facts, db_layer=sure, db_driver=Fact())
    truth = {"db_layer": "sqlmodel_sync", "db_driver": "psycopg", "app_attr": "app"}
    read = Read(repo="a/b", commit="", shape="", outcome="found", facts=truth)
    found = calibration(marks(read, changed))
    right, claimed = found[Confidence.CERTAIN]
    assert claimed - right == 1


def test_asking_is_right_where_a_person_must_choose(facts: Facts) -> None:
    """And to choose silently is wrong."""
    read = Read(repo="a/b", commit="", shape="", outcome="ambiguous")
    assert marks(read, replace(facts, ambiguous=True))[0].right
    assert marks(read, facts)[0].wrong
