"""Node packages for rendered auth servers: installed once, shared by every test."""

from __future__ import annotations

import hashlib
import json
import os
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
# Another better-auth than the pinned one, which scripts/try_better_auth.py tries.
OTHER = os.environ.get("OTHER_BETTER_AUTH", "")


def node_modules(wanted: Path = SUPERSET) -> Path:
    """Return a ``node_modules`` with what a folder's lock names, installed once.

    By default that is every package that any answer could need.
    """
    lock = (wanted / "package-lock.json").read_bytes()
    name = f"node-{hashlib.sha256(lock + OTHER.encode()).hexdigest()[:12]}"

    def install(folder: Path) -> None:
        for file in ("package.json", "package-lock.json"):
            shutil.copy2(wanted / file, folder / file)
        command = ["ci"]
        if OTHER:
            command = ["install", "--legacy-peer-deps"]
            _take_other(folder)
        subprocess.run(
            ["npm", *command, "--no-audit", "--no-fund"],  # noqa: S607 - npm from PATH
            cwd=folder,
            check=True,
            capture_output=True,
        )

    return once(SHARED / name, install) / "node_modules"


def _take_other(folder: Path) -> None:
    """Ask for the other better-auth, with the packages that belong to it."""
    file = folder / "package.json"
    manifest = json.loads(file.read_text())
    manifest["dependencies"]["better-auth"] = OTHER
    manifest.pop("overrides", None)
    file.write_text(json.dumps(manifest))
    (folder / "package-lock.json").unlink()


def install_node_packages(server: Path, of: Path = SUPERSET) -> None:
    """Give a rendered server the shared packages instead of ``npm ci``."""
    wanted = json.loads((server / "package.json").read_text())
    shared = node_modules(of)
    packages = {**wanted["dependencies"], **wanted.get("devDependencies", {})}
    if OTHER:
        packages["better-auth"] = OTHER
    for name, version in packages.items():
        installed = json.loads((shared / name / "package.json").read_text())
        if installed["version"] != version:
            message = f"{name} is {installed['version']}, wanted {version}"
            raise AssertionError(message)
    (server / "node_modules").symlink_to(shared)
