"""Real package managers of exact versions, installed once, beside those of the user."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING

from support.node import node_modules
from support.once import SHARED, once
from support.template import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_WANTED = ROOT / "tests" / "managers"
_INDEX = (
    "from poetry.repositories.pypi_repository import PyPiRepository as index;"
    "print(index().url)"
)


def environment_with(python: str, node: str, folder: Path) -> dict[str, str]:
    """Return an environment with two package managers and nothing of this test's own.

    Virtual environments that a manager keeps apart from the project are in ``folder``.
    ``yarn`` is Yarn 1, ``yarn-berry`` what came after it.
    """
    bin_ = folder / "bin"
    bin_.mkdir(parents=True)
    # In CI, where no one installs for the first time, Yarn insists on a complete lock.
    others = {"VIRTUAL_ENV", "CI"}
    env = {name: value for name, value in os.environ.items() if name not in others}
    env["PATH"] = f"{bin_}{os.pathsep}{env['PATH']}"
    env["WORKON_HOME"] = env["POETRY_VIRTUALENVS_PATH"] = str(folder / "environments")
    env["HATCH_DATA_DIR"] = str(folder / "hatch")
    # These halve what the installations cost, and change nothing about a start.
    env["PIP_NO_COMPILE"] = env["PDM_USE_UV"] = "1"
    if python not in {"pip", "uv"}:
        tools = _python_managers() / "bin"
        (bin_ / python).symlink_to(tools / python)
        if python == "poetry":
            # The same index, asked without its JSON API, which not every copy has.
            index = _output(tools / "python", "-c", _INDEX)
            env["POETRY_PYPI_MIRROR_URL"] = index
    if node != "npm":
        (bin_ / node.removesuffix("-berry")).symlink_to(_node_manager(node))
    return env


def _node_manager(name: str) -> Path:
    installed = node_modules(_WANTED)
    if name == "yarn-berry":
        return installed / name / "bin" / "yarn.js"
    if name == "pnpm":
        # The package of that name only chooses among these, for other systems too, and
        # npm writes a lock without what an index does not have of them.
        return next(installed.glob("@pnpm/exe.*/pnpm"))
    return installed / ".bin" / name


def _python_managers() -> Path:
    wanted = _WANTED / "requirements.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]

    def install(venv: Path) -> None:
        _output("uv", "venv", "--quiet", "--clear", venv)
        command = ("uv", "pip", "install", "--quiet", "--python", venv)
        _output(*command, "--require-hashes", "-r", wanted)

    return once(SHARED / f"managers-{digest}", install)


def _output(*command: str | Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()
