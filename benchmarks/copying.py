"""How long does a copy take? This template against an empty one, in one run.

Each figure is the time of a whole ``copier copy`` process. An empty copy is mostly
Copier starting, so it is the floor; the ratio to it is what this template costs. What
Copier needs for this many questions and files is beside it, without the hook. The last
row is a repository of 5,000 files, whose goals are against the same template into an
empty folder. The memory is that of the largest process.

    python benchmarks/copying.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from large_repository import large
from support.copier_cli import COPIER
from support.repositories import full_stack
from support.template import commit_all, make_template

GOAL = 2.5
EMPTY = "this template into an empty folder"
LARGE = "this template into 5,000 files"


def main() -> None:
    """Measure in turn, so that a drifting machine drifts for all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        seconds, peaks = _measure(Path(folder), rounds)
    print(f"load average {os.getloadavg()[0]:.1f}")
    floor = statistics.median(seconds["an empty template"])
    print(f"{'copied':<46} {'median s':>9} {'min s':>7} {'ratio':>6} {'MB':>5}")
    for what, times in seconds.items():
        median = statistics.median(times)
        print(
            f"{what:<46} {median:>9.2f} {min(times):>7.2f} {median / floor:>6.2f} "
            f"{peaks[what]:>5}"
        )
    large_ratio = statistics.median(seconds[LARGE]) / statistics.median(seconds[EMPTY])
    print(f"\n5,000 files: {large_ratio:.1f} times an empty folder")
    print(
        f"goals: at most {GOAL} times the empty copy; into 5,000 files at most 3 times"
    )
    print(f"the one into an empty folder, in 300 MB; {rounds} rounds each")


def _measure(
    folder: Path, rounds: int
) -> tuple[dict[str, list[float]], dict[str, int]]:
    ours = make_template(folder / "copier-better-auth")
    empty = folder / "empty-template"
    (empty / "template").mkdir(parents=True)
    (empty / "copier.yml").write_text("_subdirectory: template\n")
    (empty / "template" / "{{ _copier_conf.answers_file }}.jinja").write_text(
        "{{ _copier_answers | to_nice_yaml }}"
    )
    commit_all(empty)
    existing = full_stack(folder / "existing")
    many = large(folder / "large", 5_000)
    cases: dict[str, tuple[Path, Path | None, tuple[str, ...]]] = {
        "an empty template": (empty, None, ()),
        "this template into an empty folder, no hook": (ours, None, ("--skip-tasks",)),
        EMPTY: (ours, None, ()),
        "this template into an existing repository": (ours, existing, ()),
        LARGE: (ours, many, ()),
    }
    peaks = dict.fromkeys(cases, 0)
    seconds: dict[str, list[float]] = {what: [] for what in cases}
    for turn in range(rounds + 1):
        for what, (template, start, options) in cases.items():
            target = folder / "target"
            shutil.copytree(start, target) if start else target.mkdir()
            command = ["copy", "--defaults", "--trust", *options, str(template), "."]
            started = time.perf_counter()
            process = subprocess.Popen(
                [str(COPIER), *command],
                cwd=target,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            _, status, used = os.wait4(process.pid, 0)
            elapsed = time.perf_counter() - started
            if status:
                raise SystemExit(status)
            peaks[what] = max(peaks[what], used.ru_maxrss // 1024)
            if turn:  # the first round warms the caches
                seconds[what].append(elapsed)
            shutil.rmtree(target)
    return seconds, peaks


if __name__ == "__main__":
    main()
