"""Try the template on public repositories, each in its own copy; print the table.

    python tests/try_repositories.py CLONES [--only NAME]... [--jobs N] [--work DIR]

CLONES is a folder of clones as ``owner+name`` or ``owner+name/repo``: who runs this
fetches them. Which repositories, at which commits, and how their own people run them,
is in ``tests/campaign/repositories.yaml``. Each is installed by its own manager and
goes the whole way: own tests, a copy, a second one, the printed steps to the letter,
the servers, a sign-in, autogenerate, the doctor, own tests, the layout of its
container, and an undo. Exit 1 where anything did not hold. WORK keeps what was there
before the copy, packages and all, for the next run. It needs root, npm, and what Debian
has of PostgreSQL's neighbours.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from campaign.facts import Repository, repositories
from campaign.machine import services
from campaign.trial import Trial, tried
from support.template import make_template


def main(arguments: list[str]) -> int:
    """Try each, and print a row as it ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("clones", type=Path)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--work", type=Path, help="keeps what was before each copy")
    parser.add_argument("--table", type=Path)
    given = parser.parse_args(arguments)
    # Each project gets its own environment, whatever this program runs in.
    os.environ.pop("VIRTUAL_ENV", None)
    chosen = [
        one
        for one in repositories()
        if not given.only or any(part in one.name for part in given.only)
    ]
    with tempfile.TemporaryDirectory() as folder:
        template = make_template(Path(folder) / "template")
        # Database servers give up their rights and must reach what they keep.
        Path(folder).chmod(0o755)

        def one(repository: Repository) -> Trial:
            clone = _clone(given.clones, repository)
            trial = tried(repository, clone, template, given.work or Path(folder))
            print(_row(trial), flush=True)
            for line in (*trial.problems, *trial.notes):
                print(f"    {line}", flush=True)
            return trial

        wanted = {service for repository in chosen for service in repository.services}
        ports = {port for repository in chosen for port in repository.ports}
        with services(wanted, ports), ThreadPoolExecutor(given.jobs) as pool:
            try:
                trials = list(pool.map(one, chosen))
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    print(_table(trials))
    if given.table:
        given.table.write_text(_table(trials))
    return 1 if any(trial.problems for trial in trials) else 0


def _clone(folder: Path, repository: Repository) -> Path:
    below = folder / repository.name / "repo"
    return (below if below.exists() else below.parent).resolve()


def _row(trial: Trial) -> str:
    shape, name = trial.repository.shape, trial.repository.repo
    cells = (name, shape, str(trial.steps), f"{trial.minutes:.1f}", trial.result)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _table(trials: list[Trial]) -> str:
    reached = sum(trial.signed_in or bool(trial.declined) for trial in trials)
    whole = sum(not trial.problems for trial in trials)
    lines = ["", "| name | shape | steps | minutes | result |", "|---|---|---|---|---|"]
    lines += [_row(trial) for trial in trials]
    lines += [
        "",
        f"{reached} of {len(trials)} signed in or declined, {whole} without a",
    ]
    lines[-1] += " problem"
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
