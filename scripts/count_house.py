"""Count how plainly the house is built; print a table of today and the target.

    python scripts/count_house.py

Each row is a number that a change should move towards its target, never away from it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import grimp

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SERVER = "template/{{ auth_server_dir }}"
_STRATEGY = re.compile(r"""[!=]= ?['"](?:jwt|cached|database)['"]""")
_TAG = re.compile(r"\{%")
# What every diagnostic is made with.
_SHARED = {"_check.py", "_project.py"}
# Rows and types, hardly any code: error texts, endpoints, the values of a run.
_DATA = {
    "hooks/explain/known.py",
    "hooks/model.py",
    "hooks/rendering/endpoint_notes.py",
}
_INLINE_IF = re.compile(r"\{\{(?:(?!\}\}).)* if (?:(?!\}\}).)*\}\}")


def rows() -> Iterator[tuple[str, object, str]]:
    """Yield what is counted, the number today and the target."""
    yield "packages of hooks/ in an import cycle, types counted", _in_cycles(), "0"
    named = _files_naming("microsoft")
    yield "files that name the newest social provider", len(named), "3"
    compared = [
        text for _, text in _lines("hooks", "template", "partials", "copier.yml")
    ]
    strategies = sum(len(_STRATEGY.findall(text)) for text in compared)
    yield "comparisons with a session strategy's name", strategies, "12"
    rendered = [text for _, text in _lines("template", "partials")]
    yield "lines with a Jinja tag", sum(bool(_TAG.search(t)) for t in rendered), "400"
    yield "inline ifs", sum(len(_INLINE_IF.findall(t)) for t in rendered), "20"
    yield "lines of the template's dev/", sum(1 for _ in _lines(f"{SERVER}/dev")), "400"
    yield "front-end examples that one project gets", _examples(), "1"
    # A code with several problems is a package: a module for each, and its description.
    below = [p for p in _python("hooks/diagnostics") if p.name != "__init__.py"]
    codes = (ROOT / "hooks/diagnostics").glob("*/__init__.py")
    checks = [*codes, *(p for p in below if not p.name.startswith("_"))]
    lengths = sorted(len(p.read_text(encoding="utf-8").splitlines()) for p in checks)
    middle = lengths[len(lengths) // 2]
    yield (
        "lines of a diagnostic's module, one per problem, median and most",
        f"{middle}, {lengths[-1]}",
        "120",
    )
    helpers = [p for p in below if p.name.startswith("_") and p.name not in _SHARED]
    yield "private helpers next to the diagnostics", len(helpers), "0"
    loose = [p.stem for p in (ROOT / "hooks").glob("*.py") if p.stem != "__init__"]
    yield "loose modules of hooks/", len(loose), "6"
    code = [p for p in _python("hooks") if p.relative_to(ROOT).as_posix() not in _DATA]
    long = [p for p in code if len(p.read_text("utf-8").splitlines()) > 350]  # noqa: PLR2004 - lines
    yield "modules of hooks/ over 350 lines, tables of data left out", len(long), "0"


def _in_cycles() -> int:
    """Count the packages that import each other, in a circle of any length."""
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph("hooks", include_external_packages=False)
    packages = graph.find_children("hooks")
    for package in packages:
        if graph.find_children(package):
            graph.squash_module(package)
    reached = {p: graph.find_upstream_modules(p) - {p} for p in packages}
    return sum(any(p in reached[q] for q in reached[p] & packages) for p in packages)


def _examples() -> int:
    """Count the examples that every project gets, and one for those by framework."""
    shared = {"api.ts.jinja", "README.md.jinja"}
    names = [p.name for p in (ROOT / SERVER / "docs/front-end").iterdir()]
    chosen = [name for name in names if name.startswith("{% if auth_front_end == ")]
    return len(names) - len(chosen) - len(shared & {*names}) + bool(chosen)


def _files_naming(word: str) -> list[str]:
    """Return the files that a commit of the word's feature had to touch."""
    where = ("hooks", "template", "partials", "tests", "copier.yml")
    found = subprocess.run(
        ["git", "grep", "-il", word, "--", *where],  # noqa: S607 - git from PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    explained = ("hooks/explain/", "hooks/catalogue/npm/", "tests/campaign/")
    return [path for path in found if not path.startswith(explained)]


def _lines(*folders: str) -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders],  # noqa: S607 - git from PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if not name.endswith((".json", ".svg", ".lock")):
            for text in (ROOT / name).read_text(encoding="utf-8").splitlines():
                yield name, text


def _python(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


if __name__ == "__main__":
    sys.stdout.write("| what | today | target |\n| --- | --- | --- |\n")
    for what, today, target in rows():
        sys.stdout.write(f"| {what} | {today} | {target} |\n")
