"""How long does a copy take? This template against an empty one, in one run.

Each figure is the time of a whole ``copier copy`` process. An empty copy is mostly
Copier starting, so it is the floor; the ratio to it is what this template costs. What
Copier needs for this many questions and files is beside it, without the hook.

    python benchmarks/copying.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.copier_cli import copy
from support.repositories import full_stack
from support.template import commit_all, make_template

GOAL = 2.5


def main() -> None:
    """Measure in turn, so that a drifting machine drifts for all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        seconds = _measure(Path(folder), rounds)
    floor = statistics.median(seconds["an empty template"])
    print(f"{'copied':<46} {'median s':>9} {'min s':>7} {'ratio':>6}")
    for what, times in seconds.items():
        median = statistics.median(times)
        print(f"{what:<46} {median:>9.2f} {min(times):>7.2f} {median / floor:>6.2f}")
    print(f"\ngoal: at most {GOAL} times the empty copy; {rounds} rounds each")


def _measure(folder: Path, rounds: int) -> dict[str, list[float]]:
    ours = make_template(folder / "copier-better-auth")
    empty = folder / "empty-template"
    (empty / "template").mkdir(parents=True)
    (empty / "copier.yml").write_text("_subdirectory: template\n")
    (empty / "template" / "{{ _copier_conf.answers_file }}.jinja").write_text(
        "{{ _copier_answers | to_nice_yaml }}"
    )
    commit_all(empty)
    existing = full_stack(folder / "existing")
    cases: dict[str, tuple[Path, Path | None, tuple[str, ...]]] = {
        "an empty template": (empty, None, ()),
        "this template into an empty folder, no hook": (ours, None, ("--skip-tasks",)),
        "this template into an empty folder": (ours, None, ()),
        "this template into an existing repository": (ours, existing, ()),
    }
    seconds: dict[str, list[float]] = {what: [] for what in cases}
    for turn in range(rounds + 1):
        for what, (template, start, options) in cases.items():
            target = folder / "target"
            shutil.copytree(start, target) if start else target.mkdir()
            started = time.perf_counter()
            result = copy(template, target, *options)
            elapsed = time.perf_counter() - started
            if result.returncode:
                raise SystemExit(result.stderr)
            if turn:  # the first round warms the caches
                seconds[what].append(elapsed)
            shutil.rmtree(target)
    return seconds


if __name__ == "__main__":
    main()
