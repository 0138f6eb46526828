"""How does discovery grow? Repositories of 100 to 100,000 files, against the floor.

The floor is what nobody can leave out: ``git ls-files``, and reading the files that
mention FastAPI, which ``git grep`` finds. Discovery is measured as the whole process of
``copier-better-auth discover``, and without the start of Python, as a run of Copier
has it.

    python benchmarks/discover.py [--largest 100000]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from large_repository import large

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = Path(sys.executable).parent / "copier-better-auth"
SIZES = (100, 1_000, 5_000, 10_000, 100_000)
ROUNDS = 3
GOAL = 4
INSIDE = """
import sys, time
from pathlib import Path
from copier_better_auth.discovery import discover
start = time.perf_counter()
discover(Path(sys.argv[1]))
print(time.perf_counter() - start)
"""


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    largest: int = parser.parse_args().largest
    print(f"load average {os.getloadavg()[0]:.1f}")
    titles = ("files", "floor s", "inside s", "ratio", "command s", "ratio", "peak MB")
    print(" ".join(f"{title:>9}" for title in titles))
    for size in (s for s in SIZES if s <= largest):
        with tempfile.TemporaryDirectory() as folder:
            print_row(large(Path(folder), size), size)
    print(f"\ngoal: at most {GOAL} times the floor at 5,000 files, 3 s at 100,000")


def print_row(root: Path, size: int) -> None:
    """Measure a repository's discovery in turn with the floor."""
    floors: list[float] = []
    insides: list[float] = []
    commands: list[float] = []
    peak = 0
    for _ in range(ROUNDS):
        floors.append(seconds(lambda: floor(root)))
        insides.append(float(printed(sys.executable, "-c", INSIDE, str(root))))
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(COMMAND), "discover", str(root)], stdout=subprocess.DEVNULL
        )
        _, _, used = os.wait4(process.pid, 0)
        commands.append(time.perf_counter() - started)
        peak = max(peak, used.ru_maxrss // 1024)
    least, inside, command = map(statistics.median, (floors, insides, commands))
    print(
        f"{size:>9} {least:>9.3f} {inside:>9.2f} {inside / least:>9.1f} "
        f"{command:>9.2f} {command / least:>9.1f} {peak:>9}",
        flush=True,
    )


def floor(root: Path) -> None:
    """List the files, and read those that mention FastAPI."""
    git = ("git", "-C", str(root))
    printed(*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    found = printed(*git, "grep", "--untracked", "-lzi", "-F", "fastapi", "--", "*.py")
    for name in filter(None, found.split("\0")):
        (root / name).read_bytes()


def printed(*command: str) -> str:
    """Return what a command prints."""
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
