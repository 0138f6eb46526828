"""Render the template with many combinations of answers, to compare two commits.

    python scripts/render_matrix.py FOLDER

Writes one folder per combination. Run it at two commits and read ``git diff --no-index
BEFORE AFTER``: a change that should not be seen leaves nothing to read.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.combinations import pairwise  # noqa: E402 - the path is set above
from support.copier_cli import render_only  # noqa: E402
from support.template import make_template  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_PYTHON = {
    "auth_database_layer": (
        "sqlalchemy_async",
        "sqlalchemy_sync",
        "sqlmodel_async",
        "sqlmodel_sync",
        "asyncpg",
        "psycopg",
        "none",
    ),
    "auth_session_validation": ("database", "cached", "jwt"),
    "auth_new_project": (True, False),
}
_APPLICATION = "from fastapi import FastAPI\n\napp = FastAPI()\n"
_MANAGERS = itertools.cycle(("uv", "poetry", "pip", "pdm", "pipenv", "hatch"))
# What differs with each rendering: where the template was, and its commit.
_VARIES = re.compile(r"(?m)^(_commit|_src_path|auth_files_before): .*$")


def combinations() -> Iterator[dict[str, object]]:
    """Yield the sets of answers: every pair of the auth server's, all of FastAPI's."""
    yield from pairwise()
    for values in itertools.product(*_OF_PYTHON.values()):
        chosen = dict(zip(_OF_PYTHON, values, strict=True))
        yield {**chosen, "auth_package_manager": next(_MANAGERS)}


def main(folder: Path) -> None:
    """Render each combination into a folder of its number."""
    folder.mkdir(parents=True)
    template = make_template(folder / "template")
    for number, answers in enumerate(combinations()):
        project = folder / f"{number:03}"
        if not answers.get("auth_new_project", True):
            application = project / "backend/app/main.py"
            application.parent.mkdir(parents=True)
            application.write_text(_APPLICATION)
        render_only(template, project, answers)
        (project / "answers.json").write_text(json.dumps(answers, indent=1))
        for path in filter(Path.is_file, project.rglob("*")):
            written = path.read_text(encoding="utf-8")
            same = _VARIES.sub(r"\1:", written.replace(str(template), "TEMPLATE"))
            path.write_text(same, encoding="utf-8")
    shutil.rmtree(template)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
