"""How does discovery grow? Repositories of 100 to 100,000 files, against the floor.

Of each size there are two: most of a monorepo is nothing that the application imports;
in the other one it includes the router of each feature, so that every import is
followed.

The floor is what nobody can leave out: ``git ls-files``, and reading the files that
mention FastAPI, which ``git grep`` finds. Discovery is measured as the whole process of
``copier-better-auth discover``, and without the start of Python, as a run of Copier
has it; "of its own" is the processor's time for that.

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
start, own = time.perf_counter(), time.process_time()
discover(Path(sys.argv[1]))
print(time.perf_counter() - start, time.process_time() - own)
"""


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    largest: int = parser.parse_args().largest
    print(f"load average {os.getloadavg()[0]:.1f}")
    titles = ("files", "imported", "floor s", "inside s", "ratio", "of its own")
    print(" ".join(f"{t:>10}" for t in (*titles, "command s", "ratio", "peak MB")))
    for size in (s for s in SIZES if s <= largest):
        for is_included in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                root = large(Path(folder), size, is_included=is_included)
                print_row(root, size, "all" if is_included else "a few")
    print(f"\ngoal: at most {GOAL} times the floor at 5,000 files, 3 s at 100,000")


def print_row(root: Path, size: int, imported: str) -> None:
    """Measure a repository's discovery in turn with the floor."""
    floors: list[float] = []
    insides: list[float] = []
    owns: list[float] = []
    commands: list[float] = []
    peak = 0
    for _ in range(ROUNDS):
        floors.append(seconds(lambda: floor(root)))
        inside, own = printed(sys.executable, "-c", INSIDE, str(root)).split()
        insides.append(float(inside))
        owns.append(float(own))
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(COMMAND), "discover", str(root)], stdout=subprocess.DEVNULL
        )
        _, _, used = os.wait4(process.pid, 0)
        commands.append(time.perf_counter() - started)
        peak = max(peak, used.ru_maxrss // 1024)
    taken = (floors, insides, owns, commands)
    least, all_in, own_time, command = map(statistics.median, taken)
    print(
        f"{size:>10} {imported:>10} {least:>10.3f} {all_in:>10.2f} "
        f"{all_in / least:>10.1f} {own_time:>10.2f} {command:>10.2f} "
        f"{command / least:>10.1f} {peak:>10}",
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
