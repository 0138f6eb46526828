"""BA018: FastAPI must include the auth package's router."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..edits.include_auth_router import include_auth_router
from ..fastapi_code.reach import way_to_application
from ..fastapi_code.taken_route import ROUTE
from ..model import Evidence, FileEdit, Finding, Fix, ManualStep, Plan, Status
from ._check import FIX, Broken, Check, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._project import Project


class RouterIncluded(Check):
    """Without its router the auth package answers nothing: ``/auth/me`` is a 404.

    The application, or a router that it includes, must include it, in a file that is
    imported, in a function that is called, under no condition, and before any route
    that would answer in its place: a catch-all for a front end, a mount at ``/``,
    another ``/auth/{name}``. The fix includes it where the project includes its own.
    """

    code = "BA018"
    name = "router-included"
    healthy = "the application includes the auth package's router"
    proof = "imports and include_router followed by syntax tree up to the application"
    example = (
        "from app.auth import router as auth_router\n\napp.include_router(auth_router)"
    )
    broken = (
        Broken(
            title="the router is not included any more",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)\n",
            fixed=True,
        ),
        Broken(
            title="the inclusion is a comment",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)",
            after="# app.include_router(auth_router)",
            fixed=True,
        ),
        Broken(
            title="included under a condition",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)",
            after="if get_settings():\n    app.include_router(auth_router)",
            severity=Status.WARN,
        ),
        Broken(
            title="included where uvicorn never comes",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)",
            after='if __name__ == "__main__":\n    app.include_router(auth_router)',
        ),
        Broken(
            title="included in a function that nothing calls",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)",
            after="def add_routes():\n    app.include_router(auth_router)\n",
        ),
        Broken(
            title="included in a router that nothing includes",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)",
            after=(
                "from fastapi import APIRouter\n\napi = APIRouter()\n"
                "api.include_router(auth_router)"
            ),
        ),
        Broken(
            title="a catch-all answers first",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)",
            after=(
                '@app.get("/{path:path}")\ndef page(path: str) -> str:\n'
                "    return path\n\n\napp.include_router(auth_router)"
            ),
        ),
        Broken(
            title="a mount at the root answers first",
            path="{backend}/app/main.py",
            before="app.include_router(auth_router)",
            after='app.mount("/", FastAPI())\napp.include_router(auth_router)',
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Follow the router from the auth package to the application."""
        backend = project.code
        path = backend.app_path
        if path is None or project.module(path) is None:
            return  # BA017 says so
        package = project.package
        own = {(f"{package}/{name}.py", "router") for name in ("__init__", "router")}
        if not any(project.read(origin) for origin, _ in own):
            return  # BA019 says so
        way = way_to_application(backend, own, ROUTE)
        if way.is_open:
            return
        if way.obstacle is None:
            yield _missing(project, path)
            return
        found = way.obstacle
        yield Finding(
            message=f"GET {ROUTE}: {found.message}",
            evidence=(Evidence(path=found.path, line=found.line, why=found.message),),
            remedy="include it unconditionally, right after the application is made",
            severity=Status.FAIL if found.is_sure else Status.WARN,
        )


def _missing(project: Project, path: str) -> Finding:
    message = f"nothing includes the auth package's router, so GET {ROUTE} is a 404"
    planned = tuple(include_auth_router(project.integration, project.staging))
    found = problem(message, path)
    for one in planned:
        if isinstance(one, FileEdit):
            fix = Fix(title=one.why[0], plan=Plan(edits=(one,)))
            return replace(found, remedy=FIX, fix=fix)
    typed = (one for one in planned if isinstance(one, ManualStep))
    return replace(found, remedy="; ".join(_as_typed(one) for one in typed))


def _as_typed(step: ManualStep) -> str:
    lines = [line.strip() for line in step.snippet.splitlines() if line.strip()]
    return f"add to {step.path}: {'; '.join(lines)}"
