"""Try another better-auth than the pinned one: by default the newest of its series.

It is installed next to the pinned one, and the tests that depend on what better-auth
stores are run with it: its schema is the one that the hooks know, and every plugin of
the matrix works on every host after ``sync``.

    python scripts/try_better_auth.py [VERSION]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINNED = ROOT / "hooks/catalogue/npm/package.json"
TESTS = ("tests/schema/test_derived.py", "tests/schema/test_plugins.py")


def newest(series: str) -> str:
    """Return the newest version of a series (``1.7``), as the registry has it."""
    said = subprocess.run(
        ["npm", "view", f"better-auth@{series}", "version", "--json"],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = json.loads(said)
    versions = [found] if isinstance(found, str) else found
    return str(max(versions, key=lambda v: tuple(map(int, v.split("-")[0].split(".")))))


def main() -> int:
    """Say which version is tried, and run the tests."""
    pinned = str(json.loads(PINNED.read_text())["dependencies"]["better-auth"])
    given = sys.argv[1:]
    version = given[0] if given else newest(pinned.rpartition(".")[0])
    if version == pinned:
        sys.stdout.write(f"{version} is the pinned one, which make test tries\n")
        return 0
    sys.stdout.write(f"better-auth {version}, where {pinned} is pinned\n")
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", *TESTS],
        cwd=ROOT,
        env={**os.environ, "OTHER_BETTER_AUTH": version},
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
