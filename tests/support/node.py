"""Node packages for rendered auth servers: installed once, shared by every test."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from support.once import SHARED, once
from support.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SUPERSET = ROOT / "hooks" / "catalogue" / "npm"
# In a server's folder, as its scripts start them, but without npm between.
TSX = ("node", "--import", "tsx")
# Single-threaded: by default its threads check much of the packages' types twice.
TSC = ("node_modules/.bin/tsc", "--singleThreaded")


def node_modules(wanted: Path = SUPERSET) -> Path:
    """Return a ``node_modules`` with what a folder's lock names, installed once.

    By default that is every package that any answer could need.
    """
    lock = (wanted / "package-lock.json").read_bytes()
    name = f"node-{hashlib.sha256(lock).hexdigest()[:12]}"

    def install(folder: Path) -> None:
        for file in ("package.json", "package-lock.json"):
            shutil.copy2(wanted / file, folder / file)
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"],  # noqa: S607 - npm from PATH
            cwd=folder,
            check=True,
            capture_output=True,
        )

    return once(SHARED / name, install) / "node_modules"


def install_node_packages(server: Path) -> None:
    """Give a rendered server the shared packages instead of ``npm ci``."""
    wanted = json.loads((server / "package.json").read_text())
    shared = node_modules()
    for group in ("dependencies", "devDependencies"):
        for name, version in wanted.get(group, {}).items():
            installed = json.loads((shared / name / "package.json").read_text())
            if installed["version"] != version:
                message = f"{name} is {installed['version']}, wanted {version}"
                raise AssertionError(message)
    (server / "node_modules").symlink_to(shared)
