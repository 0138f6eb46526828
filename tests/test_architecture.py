"""The packages of ``hooks/`` form layers, and the documents draw the same ones."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
# One import turned round each: of a leaf, of a type alone, between neighbours.
TURNED = {
    "syntax/yaml.py": "from ..answers import Answers",
    "schema/tables.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from ..migrations.graph import Graph"
    ),
    "rendering/commands.py": "from ..discovery import discover",
}


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )


def test_imports_follow_the_layers() -> None:
    """No package of ``hooks`` imports one that is above it, for its types neither."""
    done = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", TURNED)
def test_an_import_turned_round_is_found(tmp_path: Path, path: str) -> None:
    """One import against the layers breaks the contract, and the module is named."""
    shutil.copytree(ROOT / "hooks", tmp_path / "hooks")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    changed = tmp_path / "hooks" / path
    changed.write_text(f"{changed.read_text()}\n{TURNED[path]}\n")
    done = _lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout
    module = path.removesuffix(".py").replace("/", ".")
    assert f"hooks.{module}" in done.stdout


def test_every_package_is_installed() -> None:
    """``pyproject.toml`` lists each package, and each file that its modules read."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    settings = project["tool"]["setuptools"]
    files = [p for p in (ROOT / "hooks").rglob("*") if p.is_file()]
    files = [p.relative_to(ROOT / "hooks") for p in files if p.suffix != ".pyc"]
    packages = {
        ".".join(("copier_better_auth", *p.parent.parts))
        for p in files
        if p.name == "__init__.py"
    }
    assert set(settings["packages"]) == packages
    data = {
        folder.removeprefix("copier_better_auth").lstrip(".").replace(".", "/")
        + f"/{pattern}"
        for folder, patterns in settings["package-data"].items()
        for pattern in patterns
    }
    for path in files:
        listed = any(PurePosixPath(f"/{path}").match(pattern) for pattern in data)
        assert path.suffix == ".py" or listed, path


def test_the_layers_are_drawn_as_they_are() -> None:
    """``docs/architecture.md`` lists the layers of the contract, in its order."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    layers = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    page = (ROOT / "docs" / "architecture.md").read_text()
    drawn = re.search(r"(?s)## The layers\n.*?```text\n(.*?)```", page)
    assert drawn is not None
    rows = (line.split("  ")[0] for line in drawn[1].splitlines())
    assert [re.findall(r"\w+", row) for row in rows] == layers


def test_the_walks_name_files_that_are_there() -> None:
    """Each of the three walks goes through existing files, through none twice."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    walks = page.partition("## Three walks")[2].partition("\n## ")[0].split("\n**")[1:]
    assert len(walks) == 3
    for walk in walks:
        files = re.findall(r"(?m)^\d\. `([^`]+)`", walk)
        assert len(files) == len(set(files)) >= 6
        assert all((ROOT / name).is_file() for name in files), files
