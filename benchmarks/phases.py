"""What takes the time of one ``copier copy``? Each part of it, on a large repository.

Copier renders and writes; the rest is measured here, in one process as in the hook's:
discovery for the questions, discovery after rendering, the edits, the fixes, discovery
after the edits, and the diagnostics. Seconds are the processor's own.

    python benchmarks/phases.py [--files 5000]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from copier_better_auth.diagnostics import plan_fixes, run_checks
from copier_better_auth.discovery import discover
from copier_better_auth.edits import plan_edits
from copier_better_auth.pipeline import load_integration
from copier_better_auth.workspace import Workspace
from large_repository import large
from support.copier_cli import ANSWERS_FILE, COPIER
from support.template import make_template

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def main() -> None:
    """Copy without the hook, then do what it does, a part at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5_000)
    files: int = parser.parse_args().files
    print(f"load average {os.getloadavg()[0]:.1f}; {files} files")
    for is_included in (False, True):
        print("\nthe application imports", "everything" if is_included else "little")
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_STATE_HOME"] = f"{folder}/state"
            measure(Path(folder), files, is_included=is_included)


def measure(folder: Path, files: int, *, is_included: bool) -> None:
    """Print the parts of one copy."""
    template = make_template(folder / "copier-better-auth")
    root = large(folder / "large", files, is_included=is_included)
    timed("discovery for the questions", lambda: discover(root))
    rendering = ("copy", "--defaults", "--trust", "--skip-tasks", "-q")
    subprocess.run([COPIER, *rendering, template, root], check=True)
    load = lambda: load_integration(root, ANSWERS_FILE)  # noqa: E731 - given twice
    integration = timed("discovery after rendering", load)
    plan = timed("edits", lambda: plan_edits(integration))
    fixed, _ = timed("fixes", lambda: plan_fixes(integration, after=plan.edits))
    workspace = Workspace(root)
    with workspace.locked():
        workspace.apply(fixed)
    now = timed("discovery after the edits", load)
    timed("diagnostics", lambda: list(run_checks(now)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  {'largest, MB':<30} {peak:>6}")


def timed(what: str, work: Callable[[], T]) -> T:
    """Print how much of the processor's time a call takes."""
    start = time.process_time()
    result = work()
    print(f"  {what:<30} {time.process_time() - start:>6.2f}", flush=True)
    return result


if __name__ == "__main__":
    main()
