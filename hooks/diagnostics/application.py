"""BA017: the application must be where the answers say that it is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from .. import ANSWERS_FILE
from ..fastapi_code.backend import may_bind
from ..repository import git
from ..syntax.broken_python import unreadable_line
from ._check import Broken, Check, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding
    from ._project import Project


class Application(Check):
    """Everything that starts FastAPI names its module and its variable.

    ``auth_app`` in the answers is what ``dev:all``, ``verify`` and the images give to
    uvicorn. A module that was renamed or moved, a folder of another name or a variable
    that is called otherwise now, and nothing starts: ``Could not import module``. Tell
    the answers with ``copier update -d auth_app=...``, or take the change back.
    """

    code = "BA017"
    name = "application"
    healthy = "uvicorn finds the application"
    proof = "auth_app resolved to its file and its name, by syntax tree"
    example = "auth_app: app.main:app    # backend/app/main.py has app = FastAPI()"
    broken = (
        Broken(title="the module was removed", path="{backend}/app/main.py"),
        Broken(
            title="the module is not read as Python",
            path="{backend}/app/main.py",
            after="\n\ndef health(:\n    return 1\n",
        ),
        Broken(
            title="the variable has another name",
            path="{backend}/app/main.py",
            before="app = FastAPI(",
            after="application = FastAPI(",
        ),
        Broken(
            title="the answers name another module",
            path=ANSWERS_FILE,
            before="auth_app: app.main:app",
            after="auth_app: app.api:app",
        ),
        Broken(
            title="the answers name another folder",
            path=ANSWERS_FILE,
            before="auth_backend_dir: backend",
            after="auth_backend_dir: services",
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Follow ``auth_app`` to its file, and look for the name there."""
        answers = project.answers
        if not (project.root / project.backend).is_dir():
            yield problem(
                f"there is no folder {project.backend}, which FastAPI is started from",
                ANSWERS_FILE,
                project.line_of_answer("auth_backend_dir"),
                remedy=_remedy(project, project.backend),
            )
            return
        backend = project.code
        path = backend.app_path
        module = None if path is None else project.module(path)
        if path is None or module is None:
            expected = f"{answers.auth_import_root}/{answers.app_module}"
            missing = expected.replace(".", "/").lstrip("/") + ".py"
            yield problem(
                f"uvicorn finds no module {answers.app_module}: there is no {missing}",
                ANSWERS_FILE,
                project.line_of_answer("auth_app"),
                remedy=_remedy(project, missing),
            )
            return
        if at := unreadable_line(module):
            yield problem(
                f"{answers.app_module} is not read as Python, so nothing starts",
                path,
                at,
                remedy=git.restoring(project.root, path)
                or f"correct {path}, line {at}",
            )
        elif not may_bind(module, answers.app_attribute):
            yield problem(
                f"{answers.app_module} has no {answers.app_attribute}, "
                f"which uvicorn is given",
                path,
                remedy=_remedy(project, path),
            )


def _remedy(project: Project, path: str) -> str:
    """Return what to type: for the application that is there, else for the one gone."""
    facts, answers = project.facts, project.answers
    call = "()" if facts.factory.value else ""
    found = {
        "auth_backend_dir": facts.backend_dir.value,
        "auth_import_root": facts.import_root.value,
        "auth_app": f"{facts.app_module.value}:{facts.app_attr.value}{call}",
    }
    if facts.app_module.value:
        changed = (
            f"-d {shlex.quote(f'{name}={value}')}"
            for name, value in found.items()
            if value and value != getattr(answers, name)
        )
        if given := " ".join(changed):
            return f"{project.update} {given}"
    return git.restoring(project.root, path) or f"restore {path}"
