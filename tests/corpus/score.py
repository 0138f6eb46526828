"""Say how right discovery is on repositories that were read by hand.

    python tests/corpus/score.py seen --snapshots DIR

``DIR`` holds git directories, ``owner+name/repo`` or ``owner+name``, or clones there;
without it each repository is cloned from GitHub. Nothing of them is run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from copier_better_auth.discovery import discover

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from corpus.marks import GOALS, Mark, Read, calibration, marks  # noqa: E402

IMPORTANT = ("outcome", "backend_dir", "app_module", "db_layer", "migration_system")
IMPORTANT += ("heads",)


def repositories(half: str) -> list[Read]:
    """Return what was read by hand: of ``seen``, ``apart`` or ``built``."""
    listed = yaml.safe_load((HERE / f"{half}.yaml").read_text(encoding="utf-8"))
    return [Read(**one) for one in listed]


def laid_out(read: Read, snapshots: Path | None, folder: Path) -> Path | None:
    """Write the commit's files into ``folder``; return the new repository."""
    name = read.repo.replace("/", "+")
    inside = ("repo", "repo/.git", ".", ".git")
    candidates = [] if snapshots is None else [snapshots / name / at for at in inside]
    source = next((c for c in candidates if _has(c, read.commit)), None)
    if source is None and snapshots is None:
        source = folder / "clone"
        url = f"https://github.com/{read.repo}"
        _git("clone", "-q", "--bare", "--filter=blob:limit=4m", url, str(source))
    if source is None:
        return None
    tree = folder / read.repo.partition("/")[2]
    tree.mkdir()
    index = {"GIT_INDEX_FILE": str(folder / "index")}
    at = ("--git-dir", str(source), "--work-tree", str(tree))
    _git(*at, "read-tree", read.commit, **index)
    # A snapshot may lack its largest files; what is there is enough.
    _git(*at, "checkout-index", "-a", "-f", "-q", check=False, **index)
    _git("-C", str(tree), "init", "-q")
    _git("-C", str(tree), "add", "-A", "-f")
    return tree


def report(found: list[Mark], *, named: bool) -> str:
    """Return the table: each field, what differs, the totals and the calibration."""
    lines = [f"{'':24}   right   wrong missing  silent"]
    names = dict.fromkeys(mark.name for mark in found)
    lines += [_row(name, [m for m in found if m.name == name]) for name in names]
    if named:
        lines += [
            f"  {mark.repo} {mark.name} ({mark.confidence}):"
            f" {mark.truth!r}, found {mark.given!r}"
            for mark in found
            if mark.wrong or mark.missing
        ]
    lines.append(_row("all", found))
    return "\n".join([*lines, *_silent(found), calibrated(found)])


def calibrated(found: list[Mark]) -> str:
    """Return how right each confidence is, its goal, and the fields where it is not."""
    lines: list[str] = []
    for sure, (right, claimed) in calibration(found).items():
        share = f"{100 * right / claimed:.1f} %" if claimed else "-"
        goal = f"goal {100 * GOALS[sure]:.1f} %"
        lines.append(
            f"said to be {sure}: {right:.1f} of {claimed:.1f} right, {share} ({goal})"
        )
        wrong: dict[str, float] = {}
        for mark in found:
            if mark.confidence == sure and mark.wrong:
                wrong[mark.name] = wrong.get(mark.name, 0.0) + mark.wrong
        if wrong:
            fields = ", ".join(f"{name} {wrong[name]:.1f}" for name in wrong)
            lines.append(f"  and wrong: {fields}")
    return "\n".join(lines)


def _silent(found: list[Mark]) -> list[str]:
    """Return what is wrong without a question: of all, and of what matters most."""
    silent = [mark for mark in found if mark.wrong and not mark.asked]
    share = 100 * sum(mark.wrong for mark in silent) / (len(found) or 1)
    worst = sum(mark.wrong for mark in silent if mark.name in IMPORTANT)
    return [
        f"silently wrong: {share:.1f} % (goal 1.0 %), {worst:.1f} with a * (goal 0)"
    ]


def _row(name: str, found: list[Mark]) -> str:
    right, wrong = sum(m.right for m in found), sum(m.wrong for m in found)
    missing = sum(m.missing for m in found)
    silent = sum(m.wrong for m in found if not m.asked)
    share = 100 * right / (right + wrong + missing)
    star = "*" if name in IMPORTANT else " "
    numbers = "".join(f"{number:8.1f}" for number in (right, wrong, missing, silent))
    return f"{name:23}{star}{numbers}{share:8.1f} %"


def _has(source: Path, commit: str) -> bool:
    wanted = f"{commit}^{{commit}}"
    return source.is_dir() and _git(
        "--git-dir", str(source), "cat-file", "-e", wanted, check=False
    )


def _git(*arguments: str, check: bool = True, **environment: str) -> bool:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, **environment}
    command = [shutil.which("git") or "git", *arguments]
    done = subprocess.run(command, env=env, check=check, capture_output=True)
    return done.returncode == 0


def main() -> None:
    """Print the score of one half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=("seen", "apart"))
    parser.add_argument("--snapshots", type=Path)
    parser.add_argument("--only", default="", help="repositories with this in the name")
    given = parser.parse_args()
    found: list[Mark] = []
    wanted = [one for one in repositories(given.half) if given.only in one.repo]
    for read in wanted:
        with tempfile.TemporaryDirectory() as folder:
            tree = laid_out(read, given.snapshots, Path(folder))
            if tree is None:
                print(f"no snapshot of {read.repo}", file=sys.stderr)
            else:
                found += marks(read, discover(tree))
    # What is wrong in the half that is kept apart stays unnamed.
    print(report(found, named=given.half == "seen"))


if __name__ == "__main__":
    main()
