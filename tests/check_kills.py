"""Two hundred kills at random moments; not part of the suite for its time.

``KILLS`` and ``SEED`` in the environment choose how many and which.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import TYPE_CHECKING

from support.kills import cases, kill_once

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_two_hundred_kills(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All or nothing, each time; prints how often which of them."""
    rng = random.Random(os.environ.get("SEED", "1"))  # noqa: S311 - to be repeated
    seen = list(cases(template, tmp_path / "cases"))
    results: Counter[str] = Counter()
    for number in range(int(os.environ.get("KILLS", "200"))):
        case = seen[number % len(seen)]
        result = kill_once(case, tmp_path / str(number), rng)
        with capsys.disabled():
            print(f"{number + 1:>4}  {result}", flush=True)  # noqa: T201
        results[f"{case.kind}: {result.rpartition(': ')[2]}"] += 1
    with capsys.disabled():
        print(dict(results))  # noqa: T201
