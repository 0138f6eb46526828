"""Entries of ``CORS_ORIGINS`` that are no origins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...env.dotenv import replaced
from ...env.origins import is_origin
from ...model import Evidence, FileEdit, Finding, Fix, Plan
from .._check import FIX, Broken, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._project import Project

BROKEN = (
    Broken(
        title="a slash at the end of an origin",
        path="{server}/.env",
        before="CORS_ORIGINS=http://localhost:3000",
        after="CORS_ORIGINS=http://localhost:3000/",
        fixed=True,
    ),
    Broken(
        title="an origin without its scheme",
        path="{server}/.env",
        before="CORS_ORIGINS=http://localhost:3000",
        after="CORS_ORIGINS=localhost:3000",
    ),
)


def find(project: Project) -> Iterator[Finding]:
    """Read every entry; the fix takes a slash off."""
    path, given = project.env_path, project.variables.get("CORS_ORIGINS", "")
    before = project.read(path)
    for entry in filter(None, map(str.strip, given.split(","))):
        if is_origin(entry):
            continue
        plain = entry.removesuffix("/")
        message = f"CORS_ORIGINS holds {entry!r}, which is no origin"
        if not is_origin(plain) or before is None:
            remedy = "write scheme, host and port: https://app.example.com"
            yield problem(message, path, remedy=remedy)
            continue
        title = "took the slash off an entry of CORS_ORIGINS"
        after = replaced(before, "CORS_ORIGINS", entry, plain)
        edit = FileEdit(
            path=path, before=before, after=after, why=(title,), secret=True, mode=0o600
        )
        yield Finding(
            message=message,
            evidence=(Evidence(path=path, why=message),),
            remedy=FIX,
            fix=Fix(title=title, plan=Plan(edits=(edit,))),
        )
