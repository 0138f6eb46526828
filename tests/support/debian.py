"""Programs of Debian's that the tests need, installed where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from support.missing import missing
from support.once import SHARED, one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Sequence

# Debian puts what serves where a user's PATH does not lead.
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))


def program(package: str, *names: str) -> str:
    """Return the path of the first of ``names`` that there is, or of the package's."""
    with one_at_a_time(SHARED / "apt-get"):
        found = _found(names)
        said = "" if found else _install(package)
        found = found or _found(names)
    if found is None:
        missing(f"no {names[0]} is here, nor by apt-get install {package}: {said}")
    return found


def _found(names: Sequence[str]) -> str | None:
    paths = (shutil.which(name, path=_PATH) for name in names)
    return next(filter(None, paths), None)


def _install(package: str) -> str:
    """Ask apt-get, with a fresh list of packages where its own is too old."""
    if shutil.which("apt-get") is None:
        return "this system has no apt-get"
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    install = ("apt-get", "install", "--yes", "--no-install-recommends", package)
    said = ""
    for command in (install, ("apt-get", "update"), install):
        try:
            done = subprocess.run(
                [*as_root, *command],
                capture_output=True,
                text=True,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                check=False,
            )
        except OSError as error:
            return str(error)
        if done.returncode == 0 and command == install:
            return ""
        said = (done.stderr.strip().splitlines() or [said])[-1]
    return said
