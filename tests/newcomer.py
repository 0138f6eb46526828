"""What a first try costs: the newcomer in an empty folder and in two repositories.

    python tests/newcomer.py [HOST ...]

Copies, installs, verifies and starts for real, at a terminal of 80 columns. Prints a
table, and exits 1 if a goal is missed: questions, commands, broken words, last message.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.newcomer import FIGURES, Figures, Newcomer
from support.postgres import new_database, running_postgres
from support.readme import blocks
from support.repositories import flat, full_stack
from support.template import make_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

READY = ("http://localhost:3001/readyz", "http://localhost:8000/openapi.json")


def empty(folder: Path, _: str) -> Mapping[str, str]:
    """Nothing; the README makes the project's folder."""
    folder.mkdir()
    return {}


def one_module(folder: Path, _: str) -> Mapping[str, str]:
    """A flat project with pip, in the virtual environment that its people are in."""
    flat(folder)
    venv = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    path = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"VIRTUAL_ENV": str(venv), "PATH": path}


def full_stack_shape(folder: Path, server: str) -> Mapping[str, str]:
    """The full-stack template's shape, with the database that it runs on."""
    full_stack(folder)
    url = new_database(server).replace("postgresql://", "postgresql+psycopg://")
    (folder / ".env").write_text(f"DATABASE_URL={url}\n")
    return {}


HOSTS: dict[str, Callable[[Path, str], Mapping[str, str]]] = {
    "empty": empty,
    "flat": one_module,
    "full-stack": full_stack_shape,
}


def play(host: str, folder: Path, template: Path, server: str) -> Figures:
    """Go the whole way in one host; return what it cost."""
    own = HOSTS[host](folder, server)
    people = {"GIT_AUTHOR_NAME": "Ada", "GIT_COMMITTER_NAME": "Ada"}
    newcomer = Newcomer({**os.environ, **people, **own})
    copy, *_ = blocks(template)
    project = folder
    if host == "empty":
        project = folder / "shop"
    else:
        copy = copy.splitlines()[-1]
    for command in newcomer.copy(copy, folder):
        print(f"  {host}: {command}", flush=True)
        if "dev:all" in command:
            newcomer.start(command, project, READY)
        else:
            checks = command.endswith(" verify")
            printed = newcomer.type(command, project, ours=checks)
            assert not checks or "All of that held." in printed, printed
    return newcomer.figures


def main() -> int:
    """Play in each host and return the exit code."""
    hosts = sys.argv[1:] or list(HOSTS)
    costs: dict[str, Figures] = {}
    with (
        tempfile.TemporaryDirectory(prefix="newcomer-") as temporary,
        running_postgres() as server,
    ):
        folder = Path(temporary)
        folder.chmod(0o755)  # PostgreSQL's own user goes through it
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        template = make_template(folder / "copier-better-auth")
        for host in hosts:
            costs[host] = play(host, folder / host, template, server)
    print(f"\n{'':12}" + "".join(f"{name:>12}" for name in FIGURES))
    for host, figures in costs.items():
        values = (getattr(figures, name) for name in FIGURES)
        print(f"{host:12}" + "".join(f"{round(value):>12}" for value in values))
    missed = [f"{host}: {line}" for host, f in costs.items() for line in f.missed()]
    print("\n".join(missed) or "\nEvery goal is reached.")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
