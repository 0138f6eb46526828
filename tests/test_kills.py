"""A few kills at random moments; ``make soak`` does two hundred."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from support.kills import KINDS, cases, kill_once

if TYPE_CHECKING:
    from pathlib import Path


def test_runs_that_are_killed_leave_all_or_nothing(
    template: Path, tmp_path: Path
) -> None:
    """Whatever ran, whatever was killed, and whenever."""
    rng = random.Random(f"{template}")  # noqa: S311 - another moment on each machine
    seen = list(cases(template, tmp_path / "cases"))
    assert tuple(case.kind for case in seen) == KINDS
    for number in range(2):
        for case in seen:
            kill_once(case, tmp_path / f"{number}-{case.kind}", rng)
