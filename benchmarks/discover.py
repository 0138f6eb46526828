"""How does discovery grow? Repositories of 100 to 100,000 files, seconds a thousand.

Each figure is the time of a whole ``copier-better-auth discover`` process; ``git
ls-files`` alone is printed beside it, as the floor.

    python benchmarks/discover.py [--largest 100000]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.repositories import full_stack
from support.template import commit_all

COMMAND = Path(sys.executable).parent / "copier-better-auth"
SIZES = (100, 1_000, 10_000, 100_000)
ROUNDS = 3
# One module in ten speaks of what probes look for, as in real applications.
MODULE = '''"""Module {n}."""

from app.core.config import settings
from app.models import User


def compute_{n}(user: User) -> int:
    return user.id * {n} if settings else {n}
'''
ROUTER = (
    MODULE
    + """
from fastapi import APIRouter, Depends

from app.api.deps import get_db

router = APIRouter()


@router.get("/{n}")
def read(session=Depends(get_db)) -> int:
    return {n}
"""
)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    largest: int = parser.parse_args().largest
    print(f"{'files':>8} {'git s':>7} {'discover s':>11} {'s a thousand':>13}")
    for size in (s for s in SIZES if s <= largest):
        with tempfile.TemporaryDirectory() as folder:
            root = full_stack(Path(folder))
            grow(root, size)
            listed = seconds("git", "-C", str(root), "ls-files", "-z")
            whole = seconds(str(COMMAND), "discover", str(root))
        thousand = whole / size * 1_000
        print(f"{size:>8} {listed:>7.2f} {whole:>11.2f} {thousand:>13.3f}", flush=True)


def grow(root: Path, size: int) -> None:
    """Add files as a large application has them: half Python, half anything else."""
    present = sum(path.is_file() for path in root.rglob("*"))
    for n in range(size - present):
        folder = root / "backend/app/features" / f"f{n // 200}"
        folder.mkdir(parents=True, exist_ok=True)
        if n % 2:
            (folder / f"notes_{n}.md").write_text(f"# Note {n}\n")
        else:
            text = (MODULE if n % 20 else ROUTER).replace("{n}", str(n))
            (folder / f"module_{n}.py").write_text(text)
    commit_all(root)


def seconds(*command: str) -> float:
    """Return the median seconds of a command."""
    times: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    main()
