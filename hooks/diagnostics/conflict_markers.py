"""BA016: no file of a project may still hold a conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..fastapi_code.modules import module_file
from ..repository.paths import is_below
from ..syntax.conflict_marks import conflict_marks
from ._check import Broken, Check, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding
    from ._project import Project

_REJECTED = ".rej"
# Those of the user's files that signing in depends on, wherever they are.
_MANIFESTS = ("pyproject.toml", "requirements.txt", "Pipfile", "alembic.ini", "env.py")


class ConflictMarkers(Check):
    """An update that met edits of the same lines leaves both, between marked lines.

    git and Copier write ``<<<<<<<``, ``|||||||``, ``=======`` and ``>>>>>>>``; a part
    that could not be put in at all is left beside its file, with the ending ``.rej``.
    Nothing is lost, but neither server can read such a file. Choose which lines stay,
    take the marks away, then ``git add`` the file. Which lines are right is the user's
    to say, so this is not repaired.
    """

    code = "BA016"
    name = "conflict-markers"
    healthy = "no file holds a conflict"
    proof = "every file of the template's, and those of yours that it was connected to"
    example = "// one of the two, and no line of <<<<<<<, ======= or >>>>>>>"
    broken = (
        Broken(
            title="an update's conflict in the auth server",
            path="{server}/src/health.ts",
            before="import ",
            after=(
                "<<<<<<< before updating\nours\n=======\ntheirs\n"
                ">>>>>>> after updating\nimport "
            ),
        ),
        Broken(
            title="a merge's conflict in the auth package",
            path="{package}/models.py",
            after="<<<<<<< HEAD\nA = 1\n||||||| base\n=======\nA = 2\n>>>>>>> main\n",
        ),
        Broken(
            title="a mark that was forgotten",
            path="{server}/package.json",
            after="=======\n",
        ),
        Broken(
            title="the end of a conflict in a guide",
            path="{server}/SETUP.md",
            after=">>>>>>> after updating\n",
        ),
        Broken(
            title="a conflict in the application itself",
            path="{backend}/app/main.py",
            after="<<<<<<< HEAD\n=======\n>>>>>>> main\n",
        ),
        Broken(
            title="a part that was rejected",
            path="{server}/src/app.ts.rej",
            after="@@ -1 +1 @@\n-a\n+b\n",
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for the marks, and for files with what was rejected."""
        for path in _connected(project):
            marks = conflict_marks(project.read(path) or b"", path)
            if marks:
                yield problem(
                    f"{path} holds a conflict",
                    path,
                    marks[0],
                    remedy=f"choose between the marked lines, then git add {path}",
                )
            rejected = f"{path}{_REJECTED}"
            if (project.root / rejected).is_file():
                yield problem(
                    f"a part of {path} is left in {rejected}",
                    rejected,
                    remedy=f"put in what it says, then rm {rejected}",
                )


def _connected(project: Project) -> Iterator[str]:
    answers = project.answers
    app = module_file(
        project.staging.repository, answers.auth_import_root, answers.app_module
    )
    single = {ANSWERS_FILE, app, project.facts.app_file.value}
    for path in project.files:
        name = path.rpartition("/")[2]
        rendered = is_below(path, project.server) or is_below(path, project.package)
        ours = rendered or path in single
        manifest = name in _MANIFESTS or name.startswith(".env.")
        if not path.endswith(_REJECTED) and (
            ours or (manifest and (is_below(path, project.backend) or "/" not in path))
        ):
            yield path
